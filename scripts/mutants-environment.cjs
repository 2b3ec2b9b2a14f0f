const { TestEnvironment } = require('jest-environment-node');

/** Skips the rest of a spec after a failed test, because the mutant is killed. */
module.exports = class MutantsEnvironment extends TestEnvironment {
  #hasFailed = false;

  handleTestEvent({ name, test }) {
    if (name === 'test_fn_failure' || name === 'hook_failure') {
      this.#hasFailed = true;
    } else if (name === 'test_start' && this.#hasFailed) {
      test.mode = 'skip';
    }
  }
};
