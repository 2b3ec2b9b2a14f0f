/** What to do, by what was said; the first that fits. The last fits everything. */
export type Remedies = readonly (readonly [said: RegExp, remedy: string])[];

export function remedyFor(said: string, remedies: Remedies): string {
  return remedies.find(([pattern]) => pattern.test(said))?.[1] ?? '';
}
