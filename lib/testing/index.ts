export {
  QuiqupSimulator,
  type QuiqupSimulatorCounters,
  type QuiqupSimulatorOptions,
  type SimulatedCall,
} from './quiqup-simulator.js';
export type {
  SimulatedAlteration,
  SimulatedCallKind,
  SimulatedDrop,
  SimulatedFailure,
  SimulatedFaultScope,
} from './simulated-faults.js';
export type { QuiqupSimulatorClient } from './simulated-token-endpoint.js';
export type { QuiqupSimulatorPolicy } from './simulated-tokens.js';
export {
  QuiqupAuthTestingModule,
  type OverridableBuilder,
  type QuiqupAuthTestingOptions,
} from './quiqup-auth-testing.module.js';
