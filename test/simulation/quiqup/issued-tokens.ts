export type ReusePolicy = 'fresh' | 'revoke' | 'reuse';

/** A token as Quiqup knows it. Times are virtual ms. */
export interface IssuedToken {
  readonly text: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** When it was revoked, by hand or by its successor; `Infinity` as long as it was not. */
  revokedAt: number;
}

export function endOf({ expiresAt, revokedAt }: IssuedToken): number {
  return Math.min(expiresAt, revokedAt);
}

/** All tokens that were ever issued, under one of the three policies. */
export class IssuedTokens {
  private readonly all = new Map<string, IssuedToken>();
  private latest: IssuedToken | undefined;

  constructor(
    private readonly policy: ReusePolicy,
    public lifetimeMs: number,
  ) {}

  /** Answers a token request: the text, and for how many seconds it is good. */
  issue(now: number): { readonly text: string; readonly expiresInS: number } {
    const { latest, policy, lifetimeMs } = this;
    if (policy === 'reuse' && latest !== undefined && endOf(latest) > now) {
      return { text: latest.text, expiresInS: Math.max(0, Math.round((latest.expiresAt - now) / 1_000)) };
    }
    if (policy === 'revoke') {
      this.revokeAll(now);
    }
    const text = `token-${this.all.size + 1}-of-32-hex-characters`;
    this.latest = { text, issuedAt: now, expiresAt: now + lifetimeMs, revokedAt: Infinity };
    this.all.set(text, this.latest);
    return { text, expiresInS: lifetimeMs / 1_000 };
  }

  find(text: string): IssuedToken | undefined {
    return this.all.get(text);
  }

  isGood(text: string, now: number): boolean {
    const token = this.all.get(text);
    return token !== undefined && now < endOf(token);
  }

  get count(): number {
    return this.all.size;
  }

  get current(): IssuedToken | undefined {
    return this.latest;
  }

  revoke(text: string, now: number): void {
    const token = this.all.get(text);
    if (token !== undefined) {
      token.revokedAt = Math.min(token.revokedAt, now);
    }
  }

  revokeAll(now: number): void {
    for (const token of this.all.values()) {
      token.revokedAt = Math.min(token.revokedAt, now);
    }
  }

  /** How many tokens ended between two moments, by their age or otherwise. */
  endedBetween(from: number, to: number): number {
    return [...this.all.values()].filter((token) => endOf(token) > from && endOf(token) <= to).length;
  }

  revokedBetween(from: number, to: number): number {
    return [...this.all.values()].filter(({ revokedAt }) => revokedAt > from && revokedAt <= to).length;
  }
}
