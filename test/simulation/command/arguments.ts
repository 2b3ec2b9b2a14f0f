import { parseArgs } from 'node:util';
import { CLASS_NAMES, type ClassName } from '../scenario/classes.js';

export interface SimulateArguments {
  readonly seeds: number;
  readonly from: number;
  readonly only: number | undefined;
  readonly className: ClassName | undefined;
  readonly isTraced: boolean;
  readonly shrinks: boolean;
  readonly asJson: boolean;
  /** A scenario as JSON, in place of a seed. */
  readonly file: string | undefined;
}

export const USAGE = `npm run simulate -- [options]

  --seeds N       how many seeds to run (default 1000)
  --from S        the first of them (default 1)
  --seed S        this one alone
  --class NAME    ${CLASS_NAMES.join(', ')}
  --trace         prints what happened, line by line
  --shrink        makes a failing scenario small and prints it
  --scenario FILE runs a printed scenario
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
      trace: { type: 'boolean', default: false },
      shrink: { type: 'boolean', default: false },
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
    isTraced: values.trace,
    shrinks: values.shrink,
    asJson: values.json,
    file: values.scenario,
  };
}
