import type { RedisNetwork } from './network.js';
import type { RedisCommand, RedisReply } from './redis-data.js';
import type { RedisOutcome, ServerSide } from './redis-server.js';

export interface PendingCommand {
  readonly resolve: (reply: RedisReply) => void;
  readonly reject: (error: Error) => void;
}

/** TCP retransmits for a while before it reports a dead peer. */
const GIVEN_UP_BY_TCP_MS = 15_000;

/** One TCP connection: commands and replies keep their order on it. */
export class RedisConnection implements ServerSide {
  private readonly pending: PendingCommand[] = [];
  private arrivesAt = 0;
  private writtenAt = -1;
  private repliesAt = 0;
  private isClosed = false;
  /** Died while idle: the next command finds out, at once or never. */
  private death: 'none' | 'reset' | 'silent' = 'none';

  constructor(
    private readonly network: RedisNetwork,
    private readonly onLost: (error: Error) => void,
  ) {
    network.server.opened(this);
    network.connections.add(this);
  }

  get openCommands(): number {
    return this.pending.length;
  }

  dieIdle(isSilent: boolean): void {
    this.death = isSilent ? 'silent' : 'reset';
    this.network.server.closed(this);
  }

  write(command: RedisCommand, pending: PendingCommand): void {
    this.pending.push(pending);
    const { timeline } = this.network.world;
    if (this.death !== 'none') {
      const foundAfterMs = this.death === 'reset' ? this.network.latencyMs() : GIVEN_UP_BY_TCP_MS;
      timeline.after(foundAfterMs, () => this.onReset(), this.network.machine);
      return;
    }
    // Writes in one turn of the loop go in one packet, without another client's command in between.
    if (this.writtenAt !== timeline.now) {
      this.writtenAt = timeline.now;
      this.arrivesAt = Math.max(this.arrivesAt, timeline.now + this.network.latencyMs());
    }
    // On the wire already: a client that hangs up does not take it back.
    timeline.schedule(this.arrivesAt, () =>
      this.network.carry(() =>
        this.network.server.receive(command, this.network.machine.name, (outcome) => this.answer(pending, outcome)),
      ),
    );
  }

  onReset(): void {
    const { timeline } = this.network.world;
    timeline.after(this.network.latencyMs() / 2, () => this.lose(new Error('Socket closed unexpectedly')), this.owner);
  }

  /** At once: waiting commands fail. */
  close(error: Error): void {
    this.isClosed = true;
    this.network.server.closed(this);
    this.network.connections.delete(this);
    this.pending.splice(0).forEach(({ reject }) => reject(error));
  }

  private get owner(): RedisNetwork['machine'] {
    return this.network.machine;
  }

  private answer(pending: PendingCommand, outcome: RedisOutcome): void {
    if (this.isClosed || outcome.kind === 'silence') {
      return;
    }
    if (outcome.kind === 'reset') {
      this.onReset();
      return;
    }
    const { timeline } = this.network.world;
    this.repliesAt = Math.max(this.repliesAt, timeline.now + this.network.latencyMs());
    timeline.schedule(this.repliesAt, () => this.network.carry(() => this.deliver(pending, outcome)), this.owner);
  }

  private deliver(pending: PendingCommand, outcome: RedisOutcome): void {
    const index = this.pending.indexOf(pending);
    if (index < 0) {
      return;
    }
    this.pending.splice(index, 1);
    if (outcome.kind === 'reply') {
      pending.resolve(outcome.reply);
    } else if (outcome.kind === 'error') {
      pending.reject(new Error(outcome.message));
    }
  }

  private lose(error: Error): void {
    if (!this.isClosed) {
      this.close(error);
      this.onLost(error);
    }
  }
}
