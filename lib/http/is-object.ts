/** Not `instanceof`, because an error or a stream of another realm is of another class. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
