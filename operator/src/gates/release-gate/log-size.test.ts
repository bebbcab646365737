import type { Evidence, GateRecord, Objective, RolloutSpec, Sample } from '@sluice/crds';
import { expect, test } from 'vitest';
import { isoTime } from '../../evidence/clock-time.ts';
import { closeBlock, longestLog } from './close-block.ts';
import { stateIn } from './gate-record.ts';
import { openGate } from './open-gate.ts';
import { replay } from './replay.ts';

test('the log of the longest lines stays small enough to be stored, and leads to the same state', () => {
  const edges = Array.from({ length: 39 }, (_, index) => Number((0.001 * 1.3 ** index).toPrecision(3)));
  const objectives: Objective[] = Array.from({ length: 8 }, (_, index) => ({ name: `cost-${index}`.padEnd(63, 'x'), cost: {} }));
  const rollout: RolloutSpec = { steps: [{ weight: 50, duration: '1s' }], maxDuration: '2h', progressDeadline: '5m', holdLimit: '1h', onSecretChange: 'Restart', historyLimit: 10, gates: { interval: '15s', minDuration: '0s', objectives } };
  const sample = (block: number): Sample => {
    const costBuckets = [...edges.map((le, index) => ({ le, count: 10_000 * block * (index + 1) })), { le: -1, count: 400_000 * block }];
    return { requests: 400_000 * block, bad: 12_345 * block, latencyBuckets: [], costBuckets };
  };
  const evidence = (block: number): Evidence => ({ since: isoTime(0), lastScrapeAt: isoTime(block * 15_000), missedScrapes: 0, stable: sample(block), canary: sample(block) });
  let record: GateRecord = { ...openGate({ rollout, requestTimeoutMs: 0, elapsedMs: 0 }, { ...sample(1), pods: 4, podMilliseconds: 14_400_000 }, 0), startedAt: isoTime(0) };
  const size = () => record.log.join('').length;
  for (let block = 1; block <= 170; block += 1) {
    const closed = closeBlock(record, { evidence: evidence(block), before: evidence(block - 1), objectives, now: block * 15_000, step: 0, stepSince: 0, startedAt: 0, weight: 50, weightSince: 0 });
    if (closed === undefined) throw new Error('no block has closed');
    ({ record } = closed);
    expect(size()).toBeLessThanOrEqual(longestLog);
  }
  expect(record.log.length).toBeLessThan(170);
  expect(Math.max(...record.log.map((line) => line.length))).toBeLessThanOrEqual(16_384);
  expect(replay(record).at(-1)?.state).toEqual(stateIn(record.state));
  expect(JSON.stringify(record).length).toBeLessThan(1_000_000);
}, 120_000);
