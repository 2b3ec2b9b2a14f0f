import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { concat, defer, of, Subject, type Observable } from 'rxjs';
import { Environment } from '../environment.js';
import { Fleet } from '../instances/fleet.js';
import { begun, instanceLost, type Act } from './acts.js';
import { ControlPanel } from './control-panel.js';
import type { Disturbance, Frame, InstanceFrame } from './frame.js';
import { InstanceHistory } from './instance-history.js';
import { Narrator } from './narrator.js';

const FRAME_MS = 100;
const HISTORY_MS = 5 * 60_000;
const FORGET_EVERY_MS = 10_000;

/** The events of the last minutes, for new and for connected pages. */
@Injectable()
export class Timeline implements OnModuleDestroy {
  private readonly histories = new Map<number, InstanceHistory>();
  private readonly narrator = new Narrator();
  private readonly frames = new Subject<Frame>();
  private readonly timers: NodeJS.Timeout[];
  private disturbances: Disturbance[] = [];

  constructor(
    private readonly environment: Environment,
    private readonly fleet: Fleet,
    private readonly panel: ControlPanel,
  ) {
    this.began(begun(() => fleet.size, environment.isShared));
    fleet.observations$.subscribe(({ instance, observation }) => {
      this.historyOf(instance).add(observation);
      this.narrator.hear(instance.id, observation);
    });
    fleet.losses$.subscribe(({ id }) => this.began(instanceLost(id)));
    this.timers = [
      setInterval(() => this.tell(), FRAME_MS).unref(),
      setInterval(() => this.forget(), FORGET_EVERY_MS).unref(),
    ];
  }

  /** The frames of one page: first everything in memory, then each update. */
  get frames$(): Observable<Frame> {
    return defer(() => {
      // The first frame includes the pending update of the other pages.
      this.tell();
      return concat(of(this.whole()), this.frames);
    });
  }

  /** Something is done to the instances now. */
  began(act: Act): void {
    this.narrator.begin(act, Date.now());
  }

  /** Something is broken from now on; an earlier one of its kind ends. */
  disturbed(kind: Disturbance['kind'], label: string): void {
    this.mended(kind);
    this.disturbances.push({ kind, label, from: Date.now() });
  }

  mended(kind: Disturbance['kind']): void {
    this.disturbances = this.disturbances.map((one) =>
      one.kind === kind && one.to === undefined ? { ...one, to: Date.now() } : one,
    );
  }

  onModuleDestroy(): void {
    this.timers.forEach((timer) => clearInterval(timer));
    this.frames.complete();
  }

  private historyOf(instance: ConstructorParameters<typeof InstanceHistory>[0]): InstanceHistory {
    const history = this.histories.get(instance.id) ?? new InstanceHistory(instance);
    this.histories.set(instance.id, history);
    return history;
  }

  private tell(): void {
    const news = this.present().map((history) => history.takeNews());
    this.frames.next(this.frame(news, { isFirst: false, episodes: this.narrator.takeChanges() }));
  }

  private whole(): Frame {
    const { episodes } = this.narrator;
    return this.frame(
      this.present().map((history) => history.whole()),
      { isFirst: true, episodes },
    );
  }

  private frame(
    instances: readonly InstanceFrame[],
    { isFirst, episodes }: Pick<Frame, 'isFirst' | 'episodes'>,
  ): Frame {
    return {
      now: Date.now(),
      isFirst,
      instances,
      episodes,
      disturbances: this.disturbances,
      controls: this.panel.controls,
      store: this.environment.isShared ? 'redis' : 'memory',
      historyMs: HISTORY_MS,
    };
  }

  private present(): InstanceHistory[] {
    return this.fleet.instances.map((instance) => this.historyOf(instance));
  }

  private forget(): void {
    const before = Date.now() - HISTORY_MS;
    const ids = new Set(this.fleet.instances.map(({ id }) => id));
    this.histories.forEach((history, id) => (ids.has(id) ? history.forget(before) : this.histories.delete(id)));
    this.disturbances = this.disturbances.filter(({ to }) => to === undefined || to >= before);
  }
}
