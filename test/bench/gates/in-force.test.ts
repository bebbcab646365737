import type { Evidence, Sample } from '@sluice/crds';
import { describe, expect, test } from 'vitest';
import { isoTime } from '../../../operator/src/evidence/clock-time.ts';
import { beginGate, closeBlock, type GateTerms } from '../../../operator/src/gates/release-gate/index.ts';
import { seededRandom } from '../../../operator/src/gates/sequential/testing/seeded-random.ts';
import { type Minute, trafficOf } from '../../../operator/src/gates/sequential/testing/traffic-model.ts';
import { type Cell, cellsOf, quickGrid } from './cells.ts';
import type { Outcome } from './rule.ts';
import { pastOf, policyFor, rolloutFor, sluice, type Waits } from './sluice.ts';

const minuteMs = 60_000;

/** The same release as the operator goes through it: totals in a status, blocks closed by time, each judged from its line of the log. */
function asTheOperator(minutes: readonly Minute[], cell: Cell, waits: Waits): Outcome {
  const rollout = rolloutFor(cell, waits);
  const terms: GateTerms = { rollout, requestTimeoutMs: waits === 'None' ? 0 : minuteMs, elapsedMs: 0 };
  const objectives = rollout.gates?.objectives ?? [];
  let evidence: Evidence = { since: isoTime(0), missedScrapes: 0, stable: sample(0, 0), canary: sample(0, 0), past: pastOf(cell) };
  let record = beginGate(undefined, terms, { evidence, now: 0 });
  if (waits === 'None') record = { ...record, policy: { ...record.policy, deadlineTest: 'Off' } };
  for (const [index, minute] of minutes.entries()) {
    const now = (index + 1) * minuteMs;
    const before = index === 0 ? undefined : evidence;
    evidence = { ...evidence, lastScrapeAt: isoTime(now), stable: sample(evidence.stable.requests + minute.ns, evidence.stable.bad + minute.xs), canary: sample(evidence.canary.requests + minute.nc, evidence.canary.bad + minute.xc) };
    const closed = closeBlock(record, { evidence, before, objectives, now, weight: 10, weightSince: 0, step: 0, stepSince: 0, startedAt: 0 });
    if (closed === undefined) throw new Error(`no block closed in minute ${index + 1}`);
    const { verdict } = closed.judgement;
    if (verdict !== 'Hold') return { verdict: verdict === 'Promote' || verdict === 'Rollback' ? verdict : 'Undecided', minutes: index + 1 };
    ({ record } = closed);
  }
  return { verdict: 'Undecided', minutes: minutes.length };
}

function sample(requests: number, bad: number): Sample {
  return { requests, bad, latencyBuckets: [] };
}

describe('the simulated gate is the one in force', () => {
  test.each(['None', 'Defaults'] as const)('waits %s: the same verdict in the same minute as through the log of a release', (waits) => {
    const seen = new Set<string>();
    for (const [index, cell] of cellsOf({ ...quickGrid, rates: [0.1, 1] }).entries()) {
      const minutes = trafficOf(cell.model, seededRandom(index));
      const expected = asTheOperator(minutes, cell, waits);
      expect({ cell: `${cell.scenario} ${cell.rate} ${cell.points}`, ...sluice('sluice', 'Sluice', cell, waits).decide(minutes) }).toEqual({ cell: `${cell.scenario} ${cell.rate} ${cell.points}`, ...expected });
      seen.add(expected.verdict);
    }
    expect([...seen].toSorted()).toEqual(['Promote', 'Rollback', 'Undecided']);
  });

  test('ships with the defaults of a rollout that says nothing', () => {
    const [cell] = cellsOf({ ...quickGrid, rates: [1], points: [0], scenarios: ['Steady'] });
    expect(policyFor(cell!, 'Defaults')).toMatchObject({ alphaPromote: 0.05, alphaRollback: 0.05, minimumMs: 900_000, requestTimeoutMs: 60_000, deadlineMs: 3_600_000, onInconclusive: 'Pause', metrics: [{ margins: [0.02], designEffect: 1, history: { bad: 6, requests: 300 } }] });
  });
});
