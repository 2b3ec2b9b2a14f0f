import * as http from 'node:http';
import * as https from 'node:https';
import { isDeepStrictEqual, types } from 'node:util';

/** The state of an agent's connections, and what axios adds to it. Two agents must not share any of it. */
const OF_THE_POOL: ReadonlySet<PropertyKey> = new Set([
  'sockets',
  'freeSockets',
  'requests',
  'totalSocketCount',
  'destroy',
  // The TLS sessions of `https`.
  '_sessionCache',
  // `EventEmitter`: the listeners of an agent are bound to that agent.
  '_events',
  '_eventsCount',
  '_maxListeners',
]);

type AgentClass = new (options: unknown) => http.Agent;

function ownProperties(agent: http.Agent): [PropertyKey, unknown][] {
  return Reflect.ownKeys(agent)
    .filter((key) => !OF_THE_POOL.has(key))
    .map((key) => [key, Reflect.get(agent, key) as unknown]);
}

/**
 * Ignores functions, which may be bound to their agent; symbols, which belong to Node or a base class; and inner agents,
 * which `proxy-agent` keeps in a cache.
 */
function isAlike(made: http.Agent, agent: http.Agent): boolean {
  return ownProperties(agent).every(
    ([key, value]) =>
      typeof key === 'symbol' ||
      key === 'cache' ||
      typeof value === 'function' ||
      value instanceof http.Agent ||
      isDeepStrictEqual(Reflect.get(made, key) as unknown, value),
  );
}

/** Copies what was added to the agent after it was made, such as its own `createConnection`. */
function takeOver(made: http.Agent, agent: http.Agent, wants: (key: PropertyKey, value: unknown) => boolean): void {
  for (const [key, value] of ownProperties(agent)) {
    if (wants(key, value)) {
      // Each agent has its own state of a base class.
      const isState = typeof key === 'symbol' && typeof value === 'object' && value !== null && !types.isProxy(value);
      Reflect.set(made, key, isState ? { ...value } : value);
    }
  }
}

function optionsOf(agent: http.Agent): http.AgentOptions {
  return Reflect.get(agent, 'options') as http.AgentOptions;
}

function newAgentLike(agent: http.Agent): http.Agent {
  return agent instanceof https.Agent ? new https.Agent(optionsOf(agent)) : new http.Agent(optionsOf(agent));
}

/** Makes an agent by its class, if the class takes options like Node's; `undefined` if the result differs. */
function byItsClass(agent: http.Agent): http.Agent | undefined {
  const AgentOfItsClass = agent.constructor as AgentClass;
  // `proxy-agent` keeps its options there.
  const { connectOpts } = agent as { connectOpts?: unknown };
  for (const options of [optionsOf(agent), connectOpts]) {
    try {
      const made = new AgentOfItsClass(options);
      if (made instanceof http.Agent && isAlike(made, agent)) {
        takeOver(made, agent, (key, value) => typeof value === 'function' && !Object.hasOwn(made, key));
        return made;
      }
    } catch {
      // Its class takes other arguments.
    }
  }
  return undefined;
}

/** Makes an agent by its parts: the pool of a new agent, and all other properties of the given one. */
function byItsParts(agent: http.Agent): http.Agent {
  const made = newAgentLike(agent);
  Reflect.setPrototypeOf(made, Reflect.getPrototypeOf(agent));
  takeOver(made, agent, (key) => typeof key !== 'symbol' || !Object.hasOwn(made, key));
  return made;
}

/** Whether the agent uses Node's pool and at most connects in its own way. */
function hasNodesPool(agent: http.Agent): boolean {
  return ['addRequest', 'createSocket'].every(
    (method) => Reflect.get(agent, method) === Reflect.get(http.Agent.prototype, method),
  );
}

/** A Node pool that connects through the agent itself, so that both use all its state, private fields included. */
function withItsConnections(agent: http.Agent): http.Agent {
  const made = newAgentLike(agent);
  takeOver(made, agent, (key, value) => typeof key === 'string' && typeof value !== 'function');
  for (const method of ['createConnection', 'getName', 'keepSocketAlive', 'reuseSocket']) {
    const ofAgent: unknown = Reflect.get(agent, method);
    if (typeof ofAgent === 'function' && ofAgent !== Reflect.get(made, method)) {
      Reflect.set(made, method, ofAgent.bind(agent));
    }
  }
  return made;
}

/**
 * Another agent with the same options and behaviour, and its own connections.
 *
 * @returns the same agent if it is not one of Node's, because only the agent itself knows its connections
 */
function ownAgentOf(agent: unknown): unknown {
  if (!(agent instanceof http.Agent)) {
    return agent;
  }
  return hasNodesPool(agent) ? withItsConnections(agent) : (byItsClass(agent) ?? byItsParts(agent));
}

/** Gives a shared agent's options their own connections. */
export class OwnAgent {
  #source: unknown;
  #own: unknown;

  /** The own agent; a new one if the shared agent changed, as when the application replaces Node's global agents. */
  standingFor(source: unknown): unknown {
    if (this.#source !== source) {
      this.close();
      this.#own = ownAgentOf(source);
      this.#source = source;
    }
    return this.#own;
  }

  /** Ends its connections. */
  close(): void {
    if (this.#own !== this.#source && this.#own instanceof http.Agent) {
      this.#own.destroy();
    }
    this.#own = undefined;
    this.#source = undefined;
  }
}
