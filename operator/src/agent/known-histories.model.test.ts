import { expect, it } from 'vitest';
import type { Move } from './testing/model/moves.ts';
import { tellHistory } from './testing/model/random-histories.ts';

const calm: Move = { events: [], ms: 5_000, share: 1, late: [] };
const end = { evidence: 'good', evaluation: 'Passed' } as const;

/** Random histories that once broke an invariant, each as short as that can be told. */
it('an autoscaled agent keeps its pods when the operator dies while the old revision was told to shrink and the new one to grow', () => {
  const history: readonly Move[] = [
    ...Array.from({ length: 5 }, () => calm),
    { ...calm, events: [{ kind: 'revision', revision: 'b' }] },
    calm, calm, calm,
    { ...calm, events: [{ kind: 'autoscaling', value: 1 }], share: 0 },
    { ...calm, events: [{ kind: 'load', of: 'stable', pods: 3 }], ms: 0, share: 0, dies: 1 },
    { ...calm, events: [{ kind: 'rollout', field: 'steps', value: 0 }, { kind: 'intent', verb: 'Skip', of: 'active', revision: 'right', id: 'fresh' }], ms: 0, share: 0, dies: 3 },
  ];
  expect(tellHistory('ReplicaRatio', history, end)).toBeUndefined();
});
