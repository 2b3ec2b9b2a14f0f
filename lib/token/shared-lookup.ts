import type { Clock } from '../time/index.js';
import type { StoredToken } from './held-token.js';
import type { SharedRecords } from './shared-records.js';
import type { TokenFailure } from './token-failure.js';
import type { TokenMemory, WantedToken } from './token-memory.js';

/** Looks for usable entries that other instances wrote to the store. */
export class SharedLookup {
  constructor(
    private readonly records: SharedRecords,
    private readonly memory: TokenMemory,
    private readonly clock: Clock,
  ) {}

  /** A token that is better than the one in hand. */
  async findToken(wanted: WantedToken): Promise<StoredToken | undefined> {
    const stored = await this.records.readToken();
    return stored !== undefined && this.memory.isUsable(stored, wanted, this.clock.now()) ? stored : undefined;
  }

  /** A token that was requested later than the one that just came. */
  async findLater(wanted: WantedToken, requestedAt: number): Promise<StoredToken | undefined> {
    const found = await this.findToken(wanted);
    return found !== undefined && found.requestedAt > requestedAt ? found : undefined;
  }

  /** The last failure, and whether it forbids a token request now. */
  async findFailure(): Promise<{ readonly failure: TokenFailure; readonly forbids: boolean } | undefined> {
    const failure = await this.records.readFailure();
    return failure && { failure, forbids: this.memory.adoptFailure(failure, this.clock.now()) };
  }
}
