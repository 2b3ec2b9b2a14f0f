import { createQuiqupAuthConfigFromEnv, VARIABLES, type QuiqupAuthConfig } from '../config/index.js';
import { QuiqupConfigError, type QuiqupConfigProblem } from '../errors/index.js';
import { ok, problem, type Finding } from './finding.js';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface EnvironmentCheck {
  readonly findings: readonly Finding[];
  /** `undefined` if the options are wrong. */
  readonly config: QuiqupAuthConfig | undefined;
}

/** Characters that an env file or a copied value may add. */
const WRAPPED = /^\s|\s$|^(["'`]).*\1$/;

function validate(env: Environment): { config?: QuiqupAuthConfig; problems: readonly QuiqupConfigProblem[] } {
  try {
    return { config: createQuiqupAuthConfigFromEnv(env), problems: [] };
  } catch (error) {
    if (!(error instanceof QuiqupConfigError)) {
      throw error;
    }
    return { problems: error.problems };
  }
}

function checkVariable(name: string, value: string, problems: readonly QuiqupConfigProblem[]): Finding[] {
  if (WRAPPED.test(value)) {
    return [problem(`${name} has white space or quotes around it`, 'Set it without them.')];
  }
  if (problems.length > 0) {
    const remedy = problems.map(({ path, problem: text }) => `${path} ${text}.`).join(' ');
    return [problem(`${name} is ${value === '' ? 'not set' : 'wrong'}`, remedy)];
  }
  return value === '' ? [] : [ok(`${name} is set`)];
}

/** The options by `quiqupAuthOptionsFromEnv`. */
export function checkEnvironment(env: Environment): EnvironmentCheck {
  const { config, problems } = validate(env);
  const findings = [...VARIABLES.values()].flatMap((name) =>
    checkVariable(
      name,
      env[name] ?? '',
      problems.filter((each) => each.path === name),
    ),
  );
  return { findings, config: findings.some(({ status }) => status === 'problem') ? undefined : config };
}
