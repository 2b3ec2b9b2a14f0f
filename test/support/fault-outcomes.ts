import { TOKEN_ENDPOINT_FAULTS, type TokenEndpointFault } from './token-endpoint-faults.js';

/** The token that a call finds in hand when the fault begins. */
export const AGES = ['cold', 'fresh', 'stale', 'expiring', 'expired'] as const;
export type Age = (typeof AGES)[number];

/** The outcome of a call, and the number of token requests, while the fault lasts. */
export interface Outcome {
  readonly gets: 'the new token' | 'the token in hand' | 'the error';
  readonly requests: readonly [atLeast: number, atMost: number];
}

const NEW: Outcome = { gets: 'the new token', requests: [1, 1] };
const IN_HAND_UNASKED: Outcome = { gets: 'the token in hand', requests: [0, 0] };
const IN_HAND: Outcome = { gets: 'the token in hand', requests: [1, 1] };
/** Fewer than three when Retry-After leads beyond the call's wait. */
const ERROR_AFTER_RETRIES: Outcome = { gets: 'the error', requests: [1, 3] };
const ERROR_AT_ONCE: Outcome = { gets: 'the error', requests: [1, 1] };

export const OUTCOMES: Readonly<Record<TokenEndpointFault['outcome'], Readonly<Record<Age, Outcome>>>> = {
  token: { cold: NEW, fresh: IN_HAND_UNASKED, stale: IN_HAND, expiring: NEW, expired: NEW },
  transient: {
    cold: ERROR_AFTER_RETRIES,
    fresh: IN_HAND_UNASKED,
    stale: IN_HAND,
    expiring: IN_HAND,
    expired: ERROR_AFTER_RETRIES,
  },
  permanent: { cold: ERROR_AT_ONCE, fresh: IN_HAND_UNASKED, stale: IN_HAND, expiring: IN_HAND, expired: ERROR_AT_ONCE },
};

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');
}

function cell({ gets, requests: [atLeast, atMost] }: Outcome): string {
  const requests = atLeast === atMost ? String(atMost) : `${atLeast} to ${atMost}`;
  return `${gets} (${requests})`;
}

/** The expected content of docs/failures.md, as tables without padding. */
export function outcomeTables(): string[] {
  const outcomes = Object.entries(OUTCOMES).map(([outcome, ages]) =>
    [outcome].concat(AGES.map((age) => cell(ages[age]))),
  );
  const faults = TOKEN_ENDPOINT_FAULTS.map((fault) => [
    fault.name,
    fault.outcome,
    'code' in fault ? `\`${fault.code}\`` : '',
  ]);
  return [table(['answer', ...AGES], outcomes), table(['fault', 'answer', 'code'], faults)];
}

/** A Markdown text as it was before its tables were padded. */
export function withoutPadding(text: string): string {
  return text.replaceAll(/ +\|/g, ' |').replaceAll(/\| -+ /g, '| --- ');
}
