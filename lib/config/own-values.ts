/** The entries of a schema without `Object.prototype`, because valibot reads inherited properties as well. */
export function schemaEntries<T extends object>(entries: T): T {
  return Object.assign(Object.create(null) as T, entries);
}

/**
 * A property of an object or of its class. Properties of `Object.prototype`, where some libraries put helpers,
 * do not count.
 */
export function ownValue(holder: object, name: string): unknown {
  for (let owner: object | null = holder; owner !== null; owner = Object.getPrototypeOf(owner) as object | null) {
    if (Object.hasOwn(owner, name)) {
      return isBuiltIn(owner) ? undefined : (holder as Record<string, unknown>)[name];
    }
  }
  return undefined;
}

/** Also for objects of another realm. */
function isBuiltIn(owner: object): boolean {
  return Object.getPrototypeOf(owner) === null && Object.hasOwn(owner, 'hasOwnProperty');
}
