import { runSeeds } from './command/run-seeds.js';

process.exitCode = await runSeeds(process.argv.slice(2));
