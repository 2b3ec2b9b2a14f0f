/** The owner of the connection closed it. */
export class ConnectionClosedError extends Error {
  constructor() {
    super('the connection was closed by its owner');
  }
}

/** The connection was not made within its time limit. */
export class NoConnectionError extends Error {
  /** @param cause the client's error meanwhile */
  constructor(limitMs: number, cause: unknown) {
    super(`no connection within ${limitMs} ms`, { cause });
  }
}

const LOST_CODES: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ETIMEDOUT']);
const LOST_MESSAGES = /^(Socket closed|Socket timeout|The client is (offline|closed)|Disconnects client)/;

/** Redis errors are recognised by their beginning, because the other side chooses their length. */
const LONGEST_MESSAGE = 1_000;

/** Checks for an error by its properties, because it may come from another realm, as Node's errors do under Jest. */
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

/** Whether the command failed because its connection was dead. An idle connection shows that with its next command. */
export function isConnectionLoss(error: unknown): boolean {
  const { message, code } = errorTextOf(error);
  return LOST_CODES.has(code) || LOST_MESSAGES.test(message);
}
