/** By what it is, for an error or a stream of another realm is none of this one's class. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
