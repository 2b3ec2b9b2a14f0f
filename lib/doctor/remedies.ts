/** The remedies by message. The first match counts, and the last one matches every message. */
export type Remedies = readonly (readonly [said: RegExp, remedy: string])[];

export function remedyFor(said: string, remedies: Remedies): string {
  return remedies.find(([pattern]) => pattern.test(said))?.[1] ?? '';
}
