import * as http from 'node:http';
import * as https from 'node:https';
import { isDeepStrictEqual, types } from 'node:util';

/** What an agent has of its connections, and what axios hangs on it: of none of that may another agent have a part. */
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
 * Functions aside, which may be bound to their agent, symbols, which are Node's or of a base class, and the agents within
 * it, with `proxy-agent` in a cache.
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

/** Takes over what the agent was given after it was made, such as a `createConnection` of its own. */
function takeOver(made: http.Agent, agent: http.Agent, wants: (key: PropertyKey, value: unknown) => boolean): void {
  for (const [key, value] of ownProperties(agent)) {
    if (wants(key, value)) {
      // The state of a base class is each agent's own.
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

/** By its class, where that takes options as those of Node do; `undefined` where what comes of it is another agent. */
function byItsClass(agent: http.Agent): http.Agent | undefined {
  const AgentOfItsClass = agent.constructor as AgentClass;
  // `proxy-agent` keeps there what it was given.
  const { connectOpts } = agent as { connectOpts?: unknown };
  for (const options of [optionsOf(agent), connectOpts]) {
    try {
      const made = new AgentOfItsClass(options);
      if (made instanceof http.Agent && isAlike(made, agent)) {
        takeOver(made, agent, (key, value) => typeof value === 'function' && !Object.hasOwn(made, key));
        return made;
      }
    } catch {
      // Its class takes something else.
    }
  }
  return undefined;
}

/** By its parts: the pool of a new agent, with all else that the agent has. */
function byItsParts(agent: http.Agent): http.Agent {
  const made = newAgentLike(agent);
  Reflect.setPrototypeOf(made, Reflect.getPrototypeOf(agent));
  takeOver(made, agent, (key) => typeof key !== 'symbol' || !Object.hasOwn(made, key));
  return made;
}

/** Whether the agent leaves its pool to Node, and at most connects in a way of its own. */
function hasNodesPool(agent: http.Agent): boolean {
  return ['addRequest', 'createSocket'].every(
    (method) => Reflect.get(agent, method) === Reflect.get(http.Agent.prototype, method),
  );
}

/** A pool of Node's that has the agent itself connect: whatever it keeps, in private fields too, serves both. */
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
 * Another agent with the same options and ways, and connections of its own.
 *
 * @returns the same one when it is no agent of Node's, whose connections nobody but itself knows
 */
function ownAgentOf(agent: unknown): unknown {
  if (!(agent instanceof http.Agent)) {
    return agent;
  }
  return hasNodesPool(agent) ? withItsConnections(agent) : (byItsClass(agent) ?? byItsParts(agent));
}

/** Stands for an agent that others use as well. */
export class OwnAgent {
  #source: unknown;
  #own: unknown;

  /** The own one; made anew when it stands for another than before, as when somebody replaces Node's global agents. */
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
