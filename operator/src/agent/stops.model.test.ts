import { expect, it } from 'vitest';
import { assertStops } from './testing/model/random-histories.ts';

/** The machine may be busy. Milliseconds. */
const timeout = 1_200_000;
const seed = Number(process.env['SLUICE_MODEL_SEED'] ?? 2026);

it.each(['ReplicaRatio', 'Gateway'] as const)('a release that is held, paused and suspended in turn keeps every invariant: nobody has less time to answer than the rollout gives (%s)', { timeout }, (router) => {
  expect(() => assertStops(router, seed, 600)).not.toThrow();
});
