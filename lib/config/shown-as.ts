import { inspect } from 'node:util';

/**
 * A frozen copy that is printed and serialised as `description`. Its properties are readable as before, but are
 * accessors that are not enumerable, because `console.dir`, `console.table` and spreads ignore custom inspection.
 * It inherits nothing, so that properties of `Object.prototype` are no options.
 */
export function shownAs<T extends object>(values: T, description: object): T {
  const copy = Object.defineProperties(Object.create(null) as T, {
    toJSON: { value: () => description },
    [inspect.custom]: { value: () => description },
  });
  for (const [name, value] of Object.entries(values)) {
    Object.defineProperty(copy, name, { get: () => value as unknown });
  }
  return Object.freeze(copy);
}

/** The values of such a copy, in a plain object. */
export function valuesIn<T extends object>(shown: T): T {
  const accessors = Object.entries(Object.getOwnPropertyDescriptors(shown)).filter(([, one]) => 'get' in one);
  return Object.fromEntries(accessors.map(([name]) => [name, shown[name as keyof T]])) as T;
}
