/** The owner of the connection has closed it. */
export class ConnectionClosedError extends Error {
  constructor() {
    super('the connection was closed by its owner');
  }
}

/** The connection was not made within its deadline. */
export class NoConnectionError extends Error {
  /** @param cause what the client met meanwhile */
  constructor(limitMs: number, cause: unknown) {
    super(`no connection within ${limitMs} ms`, { cause });
  }
}

const LOST_CODES: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ETIMEDOUT']);
const LOST_MESSAGES = /^(Socket closed|Socket timeout|The client is (offline|closed)|Disconnects client)/;

/** What Redis says is told by how it begins; the other side chooses how long it is. */
const LONGEST_MESSAGE = 1_000;

/** An error by what it has, for it may come from another realm, as Node's own do under Jest. */
export function errorTextOf(error: unknown): {
  readonly message: string;
  readonly code: string;
  readonly name: string;
} {
  const { message, code, name } = Object(error) as Partial<Record<string, unknown>>;
  return {
    message: typeof message === 'string' ? message.slice(0, LONGEST_MESSAGE) : '',
    code: typeof code === 'string' ? code : '',
    name: typeof name === 'string' ? name : '',
  };
}

/** Whether the command failed because its connection was dead, as an idle one is found to be with its next command. */
export function isConnectionLoss(error: unknown): boolean {
  const { message, code } = errorTextOf(error);
  return LOST_CODES.has(code) || LOST_MESSAGES.test(message);
}
