import * as v from 'valibot';

const entrySchema = v.strictObject({
  /** Of the answer that brought the token; tokens are told apart by it, not by their text. */
  id: v.pipe(v.string(), v.minLength(1)),
  accessToken: v.pipe(v.string(), v.minLength(1)),
  /** In ms. */
  lifetimeMs: v.pipe(v.number(), v.finite(), v.minValue(1)),
  /** Epoch ms by the writer's wall clock. */
  expiresAt: v.pipe(v.number(), v.finite()),
});

/** What instances tell one another of a token. */
export type TokenEntry = Readonly<v.InferOutput<typeof entrySchema>>;

/** The entry that `text` holds, or `undefined` for anything else. */
export function parseTokenEntry(text: string): TokenEntry | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const result = v.safeParse(entrySchema, value);
  return result.success ? result.output : undefined;
}
