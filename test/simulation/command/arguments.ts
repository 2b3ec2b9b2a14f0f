import { parseArgs } from 'node:util';
import { CLASS_NAMES, type ClassName } from '../scenario/classes.js';

export interface SimulateArguments {
  readonly seeds: number;
  readonly from: number;
  readonly only: number | undefined;
  readonly className: ClassName | undefined;
  /** How many instances each scenario has; drawn by default. */
  readonly instances: number | undefined;
  readonly isTraced: boolean;
  readonly shrinks: boolean;
  readonly asJson: boolean;
  /** Ends at the first seed with a violation. */
  readonly stopsAtFirst: boolean;
  /** Ends after so much time. */
  readonly seconds: number;
  /** A scenario as JSON, in place of a seed. */
  readonly file: string | undefined;
}

export const USAGE = `npm run simulate -- [options]

  --seeds N       how many seeds to run (default 1000)
  --from S        the first of them (default 1)
  --seed S        this one alone
  --class NAME    ${CLASS_NAMES.join(', ')}
  --instances N   how many instances (default: 1 to 5)
  --trace         prints what happened, line by line
  --shrink        makes a failing scenario small and prints it
  --scenario FILE runs a printed scenario
  --first         ends at the first seed with a violation
  --seconds N     ends after N seconds at the latest
  --json          prints the result as JSON
`;

export function parseArguments(args: readonly string[]): SimulateArguments | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: 'string', default: '1000' },
      from: { type: 'string', default: '1' },
      seed: { type: 'string' },
      class: { type: 'string' },
      instances: { type: 'string' },
      trace: { type: 'boolean', default: false },
      shrink: { type: 'boolean', default: false },
      first: { type: 'boolean', default: false },
      seconds: { type: 'string', default: 'Infinity' },
      json: { type: 'boolean', default: false },
      scenario: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const className = CLASS_NAMES.find((name) => name === values.class);
  if (values.help || (values.class !== undefined && className === undefined)) {
    return undefined;
  }
  return {
    seeds: Number(values.seeds),
    from: Number(values.from),
    only: values.seed === undefined ? undefined : Number(values.seed),
    className,
    instances: values.instances === undefined ? undefined : Number(values.instances),
    isTraced: values.trace,
    shrinks: values.shrink,
    asJson: values.json,
    stopsAtFirst: values.first,
    seconds: Number(values.seconds),
    file: values.scenario,
  };
}
