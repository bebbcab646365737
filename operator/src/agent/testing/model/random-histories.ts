import * as fc from 'fast-check';
import type { Router } from '../../../traffic/plan-traffic.ts';
import type { EvaluationMood } from './abstract-cluster.ts';
import type { EvidenceMood } from './abstract-evidence.ts';
import { FleetHistory, type FleetMove } from './fleet-history.ts';
import { History, type Settlement } from './history.ts';
import { asksForApproval, beginnings, type Move, move, revisions, stoppingMove } from './moves.ts';

const settlement: fc.Arbitrary<Settlement> = fc.record({
  evidence: fc.constantFrom<EvidenceMood[]>('good', 'good', 'bad', 'none', 'stale', 'outage'),
  evaluation: fc.constantFrom<EvaluationMood[]>('Passed', 'Passed', 'Failed', 'NotMeasured'),
});
/** Half of them are made in each of the two ways to divide traffic: 10,000 in all. */
const histories = 5_000;

/** Tells a history to its end; returns the invariant that it breaks, with what is wrong. */
export function tellHistory(router: Router, moves: readonly Move[], end: Settlement): string | undefined {
  const history = new History(router);
  for (const each of moves) history.make(each);
  history.settle(end);
  return history.broken;
}

/** Throws the shortest history that breaks an invariant. The same seed tells the same histories, so that a test which passes stays so. */
export function assertHistories(router: Router, seed: number, numRuns = histories): void {
  fc.assert(
    fc.property(fc.constantFrom(...beginnings), fc.array(move, { maxLength: 16, size: 'max' }), settlement, (beginning, moves, end) => {
      const broken = tellHistory(router, [...beginning, ...moves], end);
      if (broken !== undefined) throw new BrokenInvariant(broken);
    }),
    { numRuns, seed },
  );
}

/** The same of histories in which little but what stops a release happens: seldom does one of {@link assertHistories} wait for a person through several holds. */
export function assertStops(router: Router, seed: number, numRuns: number): void {
  fc.assert(
    fc.property(fc.constantFrom(asksForApproval, ...beginnings.slice(2)), fc.array(stoppingMove, { minLength: 4, maxLength: 16, size: 'max' }), settlement, (beginning, moves, end) => {
      const broken = tellHistory(router, [...beginning, ...moves], end);
      if (broken !== undefined) throw new BrokenInvariant(broken);
    }),
    { numRuns, seed },
  );
}

const agents = 3;
const fleetMove: fc.Arbitrary<FleetMove> = fc.record({
  revision: fc.option(fc.constantFrom(...revisions), { nil: undefined, freq: 3 }),
  moves: fc.array(move, { minLength: agents, maxLength: agents }),
});
/** All have a revision that serves, and more of them ask for another than may begin at once. */
const fleetBeginning: readonly FleetMove[] = [...(beginnings[1] ?? []).map((each) => ({ revision: undefined, moves: Array.from({ length: agents }, () => each) })), { revision: 'b', moves: [] }];

/** The same of several agents of one operator, whose releases start in turns and whose changes settle. */
export function assertFleets(router: Router, seed: number, numRuns: number): void {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: agents - 1 }), fc.array(fleetMove, { maxLength: 12, size: 'max' }), settlement, (limit, moves, end) => {
      const fleet = new FleetHistory({ router, agents, limit });
      for (const each of [...fleetBeginning, ...moves]) fleet.make(each);
      fleet.settle(end);
      if (fleet.broken !== undefined) throw new BrokenInvariant(fleet.broken);
    }),
    { numRuns, seed },
  );
}

class BrokenInvariant extends Error {
  override readonly name = 'BrokenInvariant';
}
