import type { SimulatedAnswer } from './simulated-answer.js';
import type { SimulatedFields } from './simulated-collection.js';

/** An authorised call. */
export interface SimulatedWork {
  readonly clientId: string;
  /** The decoded value of `{id}` in the path. */
  readonly id: string;
  /** The body as JSON; undefined if it is not JSON. */
  readonly json: unknown;
  /** The fields of a JSON object, otherwise none. */
  readonly fields: SimulatedFields;
}

export interface SimulatedRoute {
  readonly method: string;
  readonly path: RegExp;
  readonly work: (work: SimulatedWork) => SimulatedAnswer;
}

/** The work of one request, to be done for a client. */
export type FoundWork = (clientId: string, body: Buffer) => SimulatedAnswer;

/** @param path the path, with `{id}` for one segment */
export function route(method: string, path: string, work: SimulatedRoute['work']): SimulatedRoute {
  return { method, path: new RegExp(`^${path.replace('{id}', '([^/]+)')}$`), work };
}

export function findWork(routes: readonly SimulatedRoute[], method: string, path: string): FoundWork | undefined {
  const found = routes.find((known) => known.method === method && known.path.test(path));
  const id = decoded(found?.path.exec(path)?.[1] ?? '');
  return (
    found &&
    ((clientId, body) => {
      const json = parsed(body);
      const isObject = typeof json === 'object' && json !== null && !Array.isArray(json);
      return found.work({ clientId, id, json, fields: isObject ? { ...json } : {} });
    })
  );
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
