import { inspect } from 'node:util';

/**
 * A frozen copy that shows itself as `description` says, printed or serialised. Its properties are read as ever, but are
 * accessors, for `console.dir` asks nobody how an object wants to be shown.
 */
export function shownAs<T extends object>(values: T, description: object): T {
  const copy = Object.defineProperties(
    {},
    { toJSON: { value: () => description }, [inspect.custom]: { value: () => description } },
  );
  for (const [name, value] of Object.entries(values)) {
    Object.defineProperty(copy, name, { enumerable: true, get: () => value as unknown });
  }
  return Object.freeze(copy) as T;
}
