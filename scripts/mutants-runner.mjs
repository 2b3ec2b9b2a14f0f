import TestRunner from 'jest-runner';

/** By spec, the full names of its tests, as the run without a mutant found them. */
const namesBySpec = new Map();
/** By spec, how long it took then. */
const durationBySpec = new Map();

const duration = ({ path }) => durationBySpec.get(path) ?? 0;

/**
 * Runs the quickest specs first, none that has no test for the mutant, and none after a test has failed: Stryker gives
 * jest no more than the names of the tests, and jest would load every spec for them.
 */
export default class MutantsRunner extends TestRunner {
  #testNamePattern;

  constructor(globalConfig, context) {
    super(globalConfig, context);
    this.#testNamePattern = globalConfig.testNamePattern;
  }

  async runTests(tests, watcher, options) {
    const testNamePattern = this.#testNamePattern;
    const isWanted = testNamePattern ? new RegExp(testNamePattern, 'i') : undefined;
    const mayMatter = ({ path }) =>
      isWanted === undefined || (namesBySpec.get(path) ?? ['']).some((name) => name === '' || isWanted.test(name));
    let hasFailed = false;
    const stopListening = [
      this.on('test-file-success', ([{ path }, { numFailingTests, perfStats, testResults }]) => {
        hasFailed ||= numFailingTests > 0;
        if (isWanted === undefined) {
          namesBySpec.set(
            path,
            testResults.map(({ fullName }) => fullName),
          );
          durationBySpec.set(path, perfStats.end - perfStats.start);
        }
      }),
      this.on('test-file-failure', () => {
        hasFailed = true;
      }),
    ];
    for (const test of tests.filter(mayMatter).toSorted((a, b) => duration(a) - duration(b))) {
      if (!hasFailed || isWanted === undefined) {
        await super.runTests([test], watcher, options);
      }
    }
    for (const stop of stopListening) {
      stop();
    }
  }
}
