import { expect } from 'vitest';
import type { CrashPoint } from './memory-cluster.ts';

/** A story that was told: the writes in the part of it in which the operator may die, and what is the same wherever it does. */
export interface Told<T> {
  readonly writes: number;
  readonly end: T;
}

/**
 * Tells a story without a death, then once for every write with the operator dying right before it and right after it, and expects the
 * same end each time. `tell` begins with a new world; `dies` counts writes from where the operator may die.
 */
export async function expectSameEndWhereverItDies<T extends Told<unknown>>(tell: (dies?: CrashPoint) => Promise<T>): Promise<T> {
  const uninterrupted = await tell();
  expect(uninterrupted.writes).toBeGreaterThan(1);
  for (let write = 0; write < uninterrupted.writes; write += 1) {
    for (const when of ['before', 'after'] as const) {
      const { end } = await tell({ write, when });
      expect(end, `died ${when} write ${write} of ${uninterrupted.writes}`).toEqual(uninterrupted.end);
    }
  }
  return uninterrupted;
}
