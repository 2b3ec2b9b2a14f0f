import type { AccountVault } from './account-vault.js';
import type { TokenEntry } from './token-entry.js';

/**
 * The copy of the token that instances share. It is a convenience: whatever happens to it, no method rejects or takes
 * longer than its deadline, and a caller goes on without it.
 */
export interface TokenStore {
  /** The entry, or `undefined` when there is none that can be used. */
  read(vault: AccountVault): Promise<TokenEntry | undefined>;
  write(vault: AccountVault, entry: TokenEntry): Promise<void>;
  /** Gives back what the module opened itself. */
  close(): Promise<void>;
}
