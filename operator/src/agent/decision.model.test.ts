import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EvaluationMood } from './testing/model/abstract-cluster.ts';
import type { EvidenceMood } from './testing/model/abstract-evidence.ts';
import { History } from './testing/model/history.ts';
import { beginnings, move } from './testing/model/moves.ts';

/** The machine may be busy. Milliseconds. */
const timeout = 600_000;
const settlement = fc.record({ evidence: fc.constantFrom<EvidenceMood[]>('good', 'good', 'bad', 'none', 'stale', 'outage'), evaluation: fc.constantFrom<EvaluationMood[]>('Passed', 'Passed', 'Failed', 'NotMeasured') });

describe('the decision about an agent', { timeout }, () => {
  it.each(['ReplicaRatio', 'Gateway'] as const)('keeps every invariant in thousands of random histories, and every history ends (%s)', (router) => {
    fc.assert(
      fc.property(fc.constantFrom(...beginnings), fc.array(move, { maxLength: 20 }), settlement, (beginning, moves, end) => {
        const history = new History(router);
        for (const each of [...beginning, ...moves]) history.make(each);
        history.settle(end);
        expect(history.broken).toBeUndefined();
      }),
      { numRuns: Number(process.env['RUNS'] ?? 5_000), ...(process.env['SEED'] === undefined ? {} : { seed: Number(process.env['SEED']) }) },
    );
  });
});
