import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { accumulate, type GateState, judge, openState, type ScrapeBlock } from './index.ts';
import { failuresMetric, gatePolicy, minuteBlock, minuteMs } from './testing/run-release.ts';

const policy = gatePolicy({ metrics: [failuresMetric(), failuresMetric({ name: 'slow', margins: [0.025], role: 'guard' })], requestTimeoutMs: minuteMs });
const count = fc.oneof(fc.nat(50), fc.constantFrom(0, 1_000_000_000));
const counts = fc.record({ nc: count, ns: count, c: fc.double({ min: 0, max: 1, noNaN: true }), s: fc.double({ min: 0, max: 1, noNaN: true }) }).map(({ nc, ns, c, s }) => ({ nc, ns, xc: Math.floor(nc * c), xs: Math.floor(ns * s) }));
const damaged = fc.constantFrom(undefined, { nc: Number.NaN, xc: 0, ns: 1, xs: 0 }, { nc: 1, xc: 2, ns: 1, xs: 0 }, { nc: 1.5, xc: 0, ns: 1, xs: 0 }, { nc: -1, xc: -1, ns: 1, xs: 0 });
const blocks = fc
  .array(fc.record({ failures: fc.oneof({ weight: 6, arbitrary: counts }, { weight: 1, arbitrary: damaged }), slow: counts, completeness: fc.constantFrom('Complete' as const, 'Complete' as const, 'Partial' as const) }), { maxLength: 20 })
  .map((all) => all.map(({ failures, slow, completeness }, minute): ScrapeBlock => ({ ...minuteBlock(minute, slow), completeness, metrics: failures === undefined ? { slow } : { failures, slow } })));

const judged = (state: GateState, all: readonly ScrapeBlock[]) => judge({ state, blocks: all, now: all.length * minuteMs, step: 0, stepSince: 0 }, policy);

describe('judge, whatever it is given', () => {
  test('gives a verdict with finite numbers, a sentence without NaN and a state that can be written down', () => {
    fc.assert(
      fc.property(blocks, (all) => {
        const judgement = judged(openState(policy, 0), all);
        expect(judgement.sentence).not.toMatch(/NaN|undefined|Infinity/);
        for (const metric of judgement.metrics) expect([metric.proof, metric.harm, metric.margin].every(Number.isFinite)).toBe(true);
        expect(JSON.parse(JSON.stringify(judgement.state))).toEqual(judgement.state);
      }),
    );
  });

  test('counts each scrape once: asked again with the same scrapes it says the same', () => {
    fc.assert(
      fc.property(blocks, (all) => {
        const first = judged(openState(policy, 0), all);
        expect(judged(first.state, all)).toEqual(first);
        expect(accumulate(first.state, all, policy)).toEqual(first.state);
      }),
    );
  });

  test('gives the same whether scrapes come one by one, all at once, in any order, or through written-down state', () => {
    fc.assert(
      fc.property(blocks, (all) => {
        const atOnce = accumulate(openState(policy, 0), all, policy);
        expect(accumulate(openState(policy, 0), all.toReversed(), policy)).toEqual(atOnce);
        const oneByOne = all.reduce((state, block) => accumulate(JSON.parse(JSON.stringify(state)) as GateState, [block], policy), openState(policy, 0));
        expect(oneByOne).toEqual(atOnce);
      }),
    );
  });

  test('never promotes what was never measured', () => {
    fc.assert(
      fc.property(blocks, (all) => {
        const blind = all.map((block) => ({ ...block, metrics: { failures: { nc: Number.NaN, xc: 0, ns: Number.NaN, xs: 0 } } }));
        expect(judged(openState(policy, 0), blind).verdict).toBe('Hold');
      }),
    );
  });

  test('keeps a bounded state, about 30 numbers to a metric', () => {
    const long = Array.from({ length: 300 }, (_, minute) => ({ ...minuteBlock(minute, { nc: 50, xc: 1, ns: 450, xs: 9 }), weight: minute, metrics: { failures: { nc: 50, xc: 1, ns: 450, xs: 9 }, slow: { nc: 50, xc: 1, ns: 450, xs: 9 } } }));
    const { metrics } = accumulate(openState(policy, 0), long, policy);
    for (const metric of Object.values(metrics)) {
      expect(JSON.stringify(metric.books).match(/\d+(\.\d+)?(e-?\d+)?/g)?.length).toBeLessThanOrEqual(40);
      expect(metric.totals.length).toBeLessThanOrEqual(16);
    }
  });
});
