import { expect, it } from 'vitest';
import { assertHistories } from './testing/model/random-histories.ts';

/** The machine may be busy. Milliseconds. */
const timeout = 1_200_000;
/** Another one tells other histories: SLUICE_MODEL_SEED=$RANDOM. */
const seed = Number(process.env['SLUICE_MODEL_SEED'] ?? 2026);

it('behind a Gateway: every invariant holds in 5,000 random histories, and every history ends', { timeout }, () => {
  expect(() => assertHistories('Gateway', seed)).not.toThrow();
});
