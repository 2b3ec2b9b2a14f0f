import type { InstanceCommands, Outcomes } from './commands.js';
import type { Program } from './program.js';

type Instance = Program<InstanceCommands>;

export function sum(parts: readonly Outcomes[]): Outcomes {
  const failures: Record<string, number> = {};
  for (const [reason, count] of parts.flatMap((part) => Object.entries(part.failures))) {
    failures[reason] = (failures[reason] ?? 0) + count;
  }
  return {
    calls: parts.reduce((calls, part) => calls + part.calls, 0),
    failures,
    slowestMs: Math.max(...parts.map(({ slowestMs }) => slowestMs)),
  };
}

/** Calls that go on in the background. */
export class Load {
  private constructor(private readonly ids: ReadonlyMap<Instance, number>) {}

  static async start(instances: readonly Instance[], ratePerSecond: number, url: string): Promise<Load> {
    const rate = ratePerSecond / instances.length;
    const ids = instances.map(async (one) => [one, await one.ask('startLoad', rate, url)] as const);
    return new Load(new Map(await Promise.all(ids)));
  }

  /** Once the last call has settled. What a killed instance had done is lost with it. */
  async stop(): Promise<Outcomes> {
    const alive = [...this.ids].filter(([instance]) => !instance.hasEnded);
    return sum(await Promise.all(alive.map(([instance, id]) => instance.ask('stopLoad', id))));
  }
}
