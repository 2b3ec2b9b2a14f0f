import { inspect, types } from 'node:util';

function* partsOf(holder: object): Generator {
  if (types.isMap(holder) || types.isSet(holder)) {
    yield* [...(holder as Map<unknown, unknown>).entries()].flat();
  }
  for (let owner: object | null = holder; owner !== null; owner = Object.getPrototypeOf(owner) as object | null) {
    for (const key of Reflect.ownKeys(owner)) {
      yield key;
      try {
        yield Reflect.get(owner, key, holder);
      } catch {
        // A getter that wants another receiver has nothing of this one.
      }
    }
  }
}

/** Whether the secret is found by following properties, inherited ones too. */
export function isReachable(secret: string, root: unknown): boolean {
  const toVisit = [root];
  const visited = new Set<unknown>();
  for (let value = toVisit.pop(); value !== undefined || toVisit.length > 0; value = toVisit.pop()) {
    if (typeof value === 'string' && value.includes(secret)) {
      return true;
    }
    if (typeof value !== 'function' && (typeof value !== 'object' || value === null)) {
      continue;
    }
    if (visited.has(value)) {
      continue;
    }
    visited.add(value);
    if (!ArrayBuffer.isView(value)) {
      toVisit.push(...partsOf(value));
    } else if (Buffer.from(value.buffer, value.byteOffset, value.byteLength).includes(secret)) {
      return true;
    }
  }
  return false;
}

function tried(print: () => string | undefined): string {
  try {
    return print() ?? '';
  } catch {
    return '';
  }
}

/** By which ways the secret comes out of a value: printed, or followed property by property, inherited ones too. */
export function waysTo(secret: string, value: unknown): string[] {
  const printed = {
    inspect: inspect(value, { depth: null, showHidden: true, getters: true }),
    JSON: tried(() => JSON.stringify(value)),
    String: tried(() => String(value)),
  };
  const ways = Object.entries(printed).filter(([, text]) => text.includes(secret));
  return [...ways.map(([way]) => way), ...(isReachable(secret, value) ? ['properties'] : [])];
}
