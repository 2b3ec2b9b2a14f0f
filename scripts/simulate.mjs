#!/usr/bin/env node
// Runs the simulation: bundles it with the sources of the library, and starts the bundle.
import { spawnSync } from 'node:child_process';
import { bundleSimulation } from '../test/simulation/bundle.mjs';

const { status } = spawnSync(process.execPath, [await bundleSimulation(), ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.exit(status ?? 1);
