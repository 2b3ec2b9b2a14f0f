import { randomBytes } from 'node:crypto';

/**
 * The format of a new access token:
 *
 * - `hex`: 64 hex digits.
 * - `jwt`: a JWT of about 600 characters with personal claims (`email`, `firstName`, `orgID`, …), signed with noise.
 */
export type QuiqupSimulatorTokenFormat = 'hex' | 'jwt';

interface TokenFacts {
  readonly clientId: string;
  /** Epoch seconds. */
  readonly createdAt: number;
  /** In seconds. */
  readonly lifetime: number;
}

/** The length of an RS256 signature with a key of 2048 bits. */
const SIGNATURE_BYTES = 256;

const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');

function jwt({ clientId, createdAt, lifetime }: TokenFacts): string {
  const header = { alg: 'RS256', typ: 'JWT' };
  const claims = {
    sub: clientId,
    email: 'sam@merchant.example',
    firstName: 'Sam',
    lastName: 'Merchant',
    orgID: 4_711,
    iat: createdAt,
    // JSON has no Infinity.
    exp: Number.isFinite(lifetime) ? createdAt + Math.round(lifetime) : undefined,
  };
  return `${encoded(header)}.${encoded(claims)}.${randomBytes(SIGNATURE_BYTES).toString('base64url')}`;
}

/** A unique token. */
export function accessTokenOf(format: QuiqupSimulatorTokenFormat, facts: TokenFacts): string {
  return format === 'jwt' ? jwt(facts) : randomBytes(32).toString('hex');
}
