export { QuiqupSimulator } from './quiqup-simulator.js';
export type { QuiqupSimulatorOptions } from './simulator-options.js';
export type { SimulatedApi } from './simulated-answer.js';
export type { QuiqupSimulatorCounters, SimulatedCall } from './simulated-calls.js';
export type { QuiqupSimulatorClient } from './simulated-clients.js';
export type { QuiqupSimulatorTokenErrors, SimulatedFieldError } from './simulated-errors.js';
export type {
  SimulatedAlteration,
  SimulatedCallKind,
  SimulatedDrop,
  SimulatedFailure,
  SimulatedFaultScope,
} from './simulated-fault-options.js';
export type { QuiqupSimulatorTokenFormat } from './simulated-token-formats.js';
export type { QuiqupSimulatorPolicy } from './simulated-tokens.js';
export {
  QuiqupAuthTestingModule,
  type OverridableBuilder,
  type QuiqupAuthTestingOptions,
} from './quiqup-auth-testing.module.js';
export type { QuiqupTestingAnswer, QuiqupTestingAnswerer, QuiqupTestingRequest } from './testing-answer.js';
