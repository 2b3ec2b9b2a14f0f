import { types } from 'node:util';

/** More than a stream of its own has, and less than what hangs on a connection. */
const MOST_VALUES = 2_000;

/** Whether a property of `root`, or of what it leads to, holds the token; also when there is too much to look through. */
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
