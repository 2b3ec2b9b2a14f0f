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

/** Every text found by following properties, inherited ones too. */
export function* textsIn(root: unknown): Generator<string> {
  const toVisit = [root];
  const visited = new Set<unknown>();
  for (let value = toVisit.pop(); value !== undefined || toVisit.length > 0; value = toVisit.pop()) {
    if (typeof value === 'string') {
      yield value;
    }
    if ((typeof value !== 'function' && (typeof value !== 'object' || value === null)) || visited.has(value)) {
      continue;
    }
    visited.add(value);
    if (ArrayBuffer.isView(value)) {
      yield Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString();
    } else {
      toVisit.push(...partsOf(value));
    }
  }
}

/** Whether the secret is among them. */
export function isReachable(secret: string, root: unknown): boolean {
  for (const text of textsIn(root)) {
    if (text.includes(secret)) {
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

/** Everything that comes out of a value when it is printed. */
export function printsOf(value: unknown): Readonly<Record<'inspect' | 'JSON' | 'String', string>> {
  return {
    inspect: inspect(value, { depth: null, showHidden: true, getters: true }),
    JSON: tried(() => JSON.stringify(value)),
    String: tried(() => String(value)),
  };
}

/** By which ways the secret comes out of a value: printed, or followed property by property, inherited ones too. */
export function waysTo(secret: string, value: unknown): string[] {
  const ways = Object.entries(printsOf(value)).filter(([, text]) => text.includes(secret));
  return [...ways.map(([way]) => way), ...(isReachable(secret, value) ? ['properties'] : [])];
}
