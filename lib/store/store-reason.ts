import { ConnectionClosedError, errorTextOf, NoConnectionError } from './connection-errors.js';

/** The known first words of Redis' errors. */
const REDIS_CODE =
  /^(ASK|BUSY|BUSYGROUP|CLUSTERDOWN|CROSSSLOT|DENIED|EXECABORT|LOADING|MASTERDOWN|MISCONF|MOVED|NOAUTH|NOPERM|NOPROTO|NOREPLICAS|NOSCRIPT|OOM|READONLY|TRYAGAIN|UNKILLABLE|WRONGPASS|WRONGTYPE)\b/;
/** The known texts after `ERR`. The rest may quote the command. */
const REDIS_ERROR =
  /^ERR (unknown command|max number of clients|max clients|DB index is out of range|invalid DB index|invalid password|Client sent AUTH, but no password is set|AUTH|SELECT is not allowed)/i;
/** Matches only commands that this package and its client send, because the text could name anything. */
const MISSING_RIGHT =
  /'(auth|client(?:\|\w{1,9})?|cluster(?:\|\w{1,9})?|del|eval|get|getrange|hello|info|ping|pttl|select|sentinel|set|unlink)' (?:command|subcommand)/i;
/** Texts of the client and of this package, which quote nothing. */
const OWN_WORDS =
  /^(no answer within \d+ ms|the entry was not stored|Socket closed unexpectedly|Socket timeout|The client is (?:offline|closed)|Connection timeout|Disconnects client|All the root nodes are unavailable|WebSocket|no valid master node|None of the sentinels are available)/;
const CODE = /^[A-Z][A-Z0-9_]{2,48}$/;
const NAME = /^[A-Z]\w{0,40}$/;

/** The script has two commands, and only `DEL` is never sent alone. Redis 7.0 does not name it. */
const MISSING_IN_SCRIPT = /user executing the script can't run|ACL failure in script/i;

/** The code of a Redis error and what helps to fix it; never the text, which may quote user name and password. */
function redisReason(message: string): string | undefined {
  const isInScript = MISSING_IN_SCRIPT.test(message);
  const code = isInScript ? 'NOPERM' : REDIS_CODE.exec(message)?.[1];
  if (code === 'NOPERM') {
    const command = MISSING_RIGHT.exec(message)?.[1] ?? (isInScript ? 'del' : undefined);
    return command === undefined ? `NOPERM${/\bkeys?\b/.test(message) ? ' on the key' : ''}` : `NOPERM: ${command}`;
  }
  if (code !== undefined) {
    return code;
  }
  const text = REDIS_ERROR.exec(message)?.[0];
  return text ?? (message.startsWith('ERR ') ? 'ERR' : undefined);
}

/** The reason why a command failed, for a log. It quotes nothing that could contain a secret. */
export function reasonOf(error: unknown): string {
  if (error instanceof ConnectionClosedError) {
    return error.message;
  }
  if (error instanceof NoConnectionError) {
    return error.cause === undefined ? error.message : `${error.message}: ${reasonOf(error.cause)}`;
  }
  const { message, code, name } = errorTextOf(error);
  const known = redisReason(message) ?? OWN_WORDS.exec(message)?.[0];
  if (known !== undefined) {
    return known;
  }
  if (CODE.test(code)) {
    return code;
  }
  return NAME.test(name) && name !== 'Error' ? `unknown error, ${name}` : 'unknown error';
}
