import type { Release } from '@sluice/crds';
import type { World } from '../../agent/testing/world.ts';
import { isTerminal } from '../../release/decision.ts';

const maxRounds = 400;

/** Reconciles and lets time pass until nothing is on its way. Throws when that never comes. */
export async function settle(world: World): Promise<void> {
  for (let round = 0; round < maxRounds; round += 1) {
    const writes = world.cluster.writes;
    const outcome = await world.reconcile();
    const busy = releasesOf(world).some(({ status }) => !isTerminal(status?.phase));
    if (outcome === 'done' && !world.statusIsLate && world.cluster.writes === writes && !busy && world.agent.status?.observedGeneration === world.agent.metadata.generation) return;
    world.pass(5_000);
  }
  throw new Error(`nothing settled: ${JSON.stringify(world.agent.status)}`);
}

/** Oldest first. */
export function releasesOf(world: World): Release[] {
  const number = ({ metadata }: Release): number => Number(metadata.name.split('-').at(-1));
  return (world.cluster.list('Release') as Release[]).toSorted((left, right) => number(left) - number(right));
}
