import { types } from 'node:util';

/** More than a single stream has, and less than a connection has. */
const MOST_VALUES = 2_000;

/** Whether `root`, or an object reachable from it, holds the token. Also true if there is too much to search. */
export function leadsToToken(root: unknown, token: string): boolean {
  const toVisit: unknown[] = [root];
  const visited = new Set<unknown>();
  while (toVisit.length > 0) {
    const value = toVisit.pop();
    if (typeof value === 'string' && value.includes(token)) {
      return true;
    }
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || visited.has(value)) {
      continue;
    }
    visited.add(value);
    if (visited.size > MOST_VALUES) {
      return true;
    }
    toVisit.push(...partsOf(value));
  }
  return false;
}

function partsOf(value: object): unknown[] {
  if (types.isMap(value) || types.isSet(value)) {
    return [...value.entries()].flat();
  }
  return Reflect.ownKeys(value).map((key) => Object.getOwnPropertyDescriptor(value, key)?.value as unknown);
}
