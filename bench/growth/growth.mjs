import { Fleets } from '../support/fleets.mjs';

export const POLICIES = ['fresh', 'reuse'];

const CALLS = 1_000;

/**
 * A fleet of this size under each policy, by its rotations.
 * @param {{ size: number, lifetime: number, rotations: number }} options the lifetime in s
 */
export async function growth({ size, lifetime, rotations }) {
  const simulators = POLICIES.map((policy) => ({ policy, lifetime, latency: 20 }));
  const fleets = await Fleets.start(size, simulators);
  try {
    return await Promise.all(
      POLICIES.map(async (policy, fleet) => {
        const coldStart = await fleets.coldStart(fleet);
        const alone = (await fleets.states(fleet)).filter(({ storeLosses }) => storeLosses > 0).length;
        const rotation = await fleets.rotations(fleet, rotations);
        const { commands, failed } = await fleets.commandsBetween(fleet, CALLS);
        return Object.assign(rotation, { size, policy, coldStart, alone, commandsBetween: commands, failed });
      }),
    );
  } finally {
    await fleets.stop();
  }
}

/** Why these figures are not as promised; empty when they are. */
export function missed({ policy, requestsPerRotation, commandsBetween, failed }, mostUnderReuse = 3) {
  const limit = policy === 'reuse' ? mostUnderReuse : 1;
  return [
    ...(requestsPerRotation <= limit ? [] : [`${requestsPerRotation} token requests a rotation`]),
    ...(commandsBetween === 0 ? [] : [`${commandsBetween} Redis commands between rotations`]),
    ...(failed === 0 ? [] : [`${failed} calls failed`]),
  ];
}
