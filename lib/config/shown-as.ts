import { inspect } from 'node:util';

/**
 * A frozen copy that shows itself as `description` says, printed or serialised. Its properties are read as ever, but are
 * accessors that are not enumerable: `console.dir`, `console.table` and spreads ask nobody how an object wants to be
 * shown. It inherits nothing, so that what is on `Object.prototype` is none of its options.
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

/** The values of such a copy, in an object that shows them. */
export function valuesIn<T extends object>(shown: T): T {
  const accessors = Object.entries(Object.getOwnPropertyDescriptors(shown)).filter(([, one]) => 'get' in one);
  return Object.fromEntries(accessors.map(([name]) => [name, shown[name as keyof T]])) as T;
}
