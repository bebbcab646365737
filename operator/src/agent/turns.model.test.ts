import { expect, it } from 'vitest';
import { FleetHistory } from './testing/model/fleet-history.ts';
import type { Move } from './testing/model/moves.ts';
import { assertFleets } from './testing/model/random-histories.ts';

/** The machine may be busy. Milliseconds. */
const timeout = 1_200_000;
const seed = Number(process.env['SLUICE_MODEL_SEED'] ?? 2026);

it.each(['ReplicaRatio', 'Gateway'] as const)('agents whose releases start in turns, and whose changes settle, keep every invariant, and every history ends (%s)', { timeout }, (router) => {
  expect(() => assertFleets(router, seed, 200)).not.toThrow();
});

it('a change of a fleet is released one after the other where one may start at once, also when the operator dies on the way', () => {
  const calm: Move = { events: [], ms: 5_000, share: 1, late: [] };
  const round = (revision?: string, ...moves: readonly Move[]) => ({ revision, moves: [0, 1, 2].map((index) => moves[index] ?? calm) });
  const fleet = new FleetHistory({ router: 'ReplicaRatio', agents: 3, limit: 1 });
  for (let looks = 0; looks < 5; looks += 1) fleet.make(round());
  fleet.make(round('b'));
  const started: number[] = [];
  for (let looks = 0; looks < 40; looks += 1) {
    fleet.make(looks === 4 ? round(undefined, { ...calm, dies: 1 }) : round());
    started.push(fleet.releasesOf('b'));
  }
  expect(fleet.broken).toBeUndefined();
  expect([started[1], started.at(-1)]).toEqual([1, 3]);
  fleet.settle({ evidence: 'good', evaluation: 'Passed' });
  expect(fleet.broken).toBeUndefined();
});
