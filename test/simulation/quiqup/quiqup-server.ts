import type { World } from '../world/world.js';
import { ruleOf, type Answer, type EndpointFaultName } from './endpoint-faults.js';
import { IssuedTokens, type ReusePolicy } from './issued-tokens.js';

/** A token request as the server saw it. */
export interface TokenRequestSeen {
  readonly at: number;
  readonly from: string;
  readonly outcome: EndpointFaultName | 'issued' | 'repeated' | 'wrong secret';
  /** The `Retry-After` of the answer, in ms. */
  readonly retryAfterMs: number;
}

/** A token endpoint fault from one moment to another. */
export interface EndpointFault {
  readonly name: EndpointFaultName;
  readonly retryAfterS: number;
  /** The one instance that it strikes. */
  readonly only: string | undefined;
}

/** Answers every token with 401. */
export const FORBIDDEN_PATH = '/api/fulfilment/forbidden';

const UNAUTHORIZED: Answer = { kind: 'response', status: 401, body: JSON.stringify({ code: 'unauthenticated' }) };

/** Quiqup: its token endpoint and its APIs. */
export class QuiqupServer {
  readonly tokens: IssuedTokens;
  readonly requests: TokenRequestSeen[] = [];
  /** Called once, at the next token request. */
  onNextRequest: ((from: string) => void) | undefined;
  private readonly faults: EndpointFault[] = [];
  private readonly secrets = new Set<string>(['secret-1']);

  constructor(
    private readonly world: World,
    policy: ReusePolicy,
    lifetimeMs: number,
  ) {
    this.tokens = new IssuedTokens(policy, lifetimeMs);
  }

  begin(fault: EndpointFault): void {
    this.world.note('quiqup', `begins: ${fault.name}`);
    this.faults.push(fault);
  }

  end(fault: EndpointFault): void {
    this.world.note('quiqup', `ends: ${fault.name}`);
    this.faults.splice(this.faults.indexOf(fault), 1);
  }

  acceptSecret(secret: string): void {
    this.secrets.add(secret);
  }

  refuseSecret(secret: string): void {
    this.secrets.delete(secret);
  }

  isSecret(secret: string): boolean {
    return this.secrets.has(secret);
  }

  /** `POST oauth/token`. */
  answerTokenRequest(from: string, body: string): Answer {
    const { onNextRequest } = this;
    this.onNextRequest = undefined;
    onNextRequest?.(from);
    const fault = this.faults.find(({ only }) => only === undefined || only === from);
    const rule = fault && ruleOf(fault.name);
    if (fault !== undefined && rule !== undefined) {
      const hasRetryAfter = fault.name.startsWith('retry after');
      this.saw(from, fault.name, hasRetryAfter ? fault.retryAfterS * 1_000 : 0);
      return rule.answer(this.world.now, fault.retryAfterS);
    }
    const { client_secret: secret } = JSON.parse(body) as { client_secret: string };
    if (!this.secrets.has(secret)) {
      this.saw(from, 'wrong secret');
      return { kind: 'response', status: 401, body: JSON.stringify({ error: 'invalid_client' }) };
    }
    const before = this.tokens.count;
    const { text, expiresInS } = this.tokens.issue(this.world.now);
    const outcome = this.tokens.count === before ? 'repeated' : 'issued';
    this.saw(from, fault?.name === 'lost answer' ? 'lost answer' : outcome);
    if (fault?.name === 'lost answer') {
      return { kind: 'broken', code: 'ECONNRESET' };
    }
    return this.tokenResponse(text, expiresInS);
  }

  get isSlow(): boolean {
    return this.faults[0]?.name === 'slow';
  }

  /** Any call to one of the APIs. */
  answerCall(path: string, token: string): Answer {
    const isGood = path !== FORBIDDEN_PATH && this.tokens.isGood(token, this.world.now);
    return isGood ? { kind: 'response', status: 200, body: '{}' } : UNAUTHORIZED;
  }

  private tokenResponse(text: string, expiresInS: number): Answer {
    // All of them are shapes that count.
    const shape = this.world.random.pick([expiresInS, expiresInS, expiresInS, String(expiresInS)]);
    const body = { access_token: text, token_type: this.world.random.pick(['bearer', 'Bearer']), expires_in: shape };
    return { kind: 'response', status: this.world.random.pick([200, 200, 201]), body: JSON.stringify(body) };
  }

  private saw(from: string, outcome: TokenRequestSeen['outcome'], retryAfterMs = 0): void {
    this.world.note('quiqup', `token request of ${from}: ${outcome}`);
    this.requests.push({ at: this.world.now, from, outcome, retryAfterMs });
  }
}
