import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blockLine, BlockLineError, parseBlockLine, type LoggedBlock } from './block-line.ts';

const time = fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 });
const count = fc.integer({ min: 0, max: 1_000_000 });
const rate = fc.record({ xc: count, nc: count, xs: count, ns: count });
const dollars = fc.double({ min: 0, max: 1e6, noNaN: true }).map((sum) => Number(Math.abs(sum).toPrecision(12)));
const counts = fc.array(count, { minLength: 2, maxLength: 5 });
const plain = fc.record({ countsCanary: counts, countsStable: counts, dollarsCanary: dollars, dollarsStable: dollars }, { requiredKeys: ['countsCanary', 'countsStable'], noNullPrototype: true });
const narrow = fc.record({ countsCanary: fc.tuple(fc.constant(0), count, count), countsStable: fc.tuple(count, fc.constant(0), count), lackingCanary: fc.constant([0]), lackingStable: fc.constant([1]), dollarsStable: dollars }, { noNullPrototype: true });
const cost = fc.oneof(plain, narrow);
const logged: fc.Arbitrary<LoggedBlock> = fc.record({
  block: fc.record({
    since: time, at: time, weightSince: time, weight: fc.integer({ min: -100, max: 100 }), share: fc.nat(100), completeness: fc.constantFrom('Complete' as const, 'Partial' as const), counting: fc.constant('Anew' as const),
    metrics: fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9-]{0,9}(\/bound)?$/), fc.oneof(rate, cost), { maxKeys: 4, noNullPrototype: true }),
  }, { requiredKeys: ['since', 'at', 'weightSince', 'weight', 'completeness', 'metrics'], noNullPrototype: true }),
  now: time, step: fc.nat(19), stepSince: time, startedAt: time,
});

describe('a line of the log', () => {
  test('says all that a verdict follows from', () => {
    fc.assert(fc.property(logged, (look) => {
      expect(parseBlockLine(blockLine(look))).toEqual(look);
    }));
  });

  test('can be read by people', () => {
    const at = Date.parse('2026-11-22T10:00:15.000Z');
    const block = { since: at - 15_000, at, weightSince: at - 15_000, weight: 20, completeness: 'Complete', metrics: { success: { xc: 1, nc: 50, xs: 2, ns: 400 } } } as const;
    expect(blockLine({ block, now: at, step: 0, stepSince: at - 15_000, startedAt: at - 15_000 })).toBe('2026-11-22T10:00:15.000Z now=0 since=15000 start=15000 step=0 stepSince=15000 weight=20 weightSince=15000 | success=1/50,2/400');
  });

  test('where ready pods give another part of the traffic than was asked for, that is in it', () => {
    const at = Date.parse('2026-11-22T10:00:15.000Z');
    const block = { since: at - 15_000, at, weightSince: at - 15_000, weight: 20, share: 33, completeness: 'Complete', metrics: {} } as const;
    expect(blockLine({ block, now: at, step: 0, stepSince: at - 15_000, startedAt: at - 15_000 })).toBe('2026-11-22T10:00:15.000Z now=0 since=15000 start=15000 step=0 stepSince=15000 weight=20 share=33 weightSince=15000 |');
  });

  test('costs are requests by bucket with their dollars; lines of before have none', () => {
    const head = '2026-11-22T10:00:15.000Z now=0 since=15000 start=15000 step=0 stepSince=15000 weight=20 weightSince=15000 | cost=';
    const { block } = parseBlockLine(`${head}0:2:1$0.0123;5:5:1$0.04`);
    expect(block.metrics).toEqual({ cost: { countsCanary: [0, 2, 1], countsStable: [5, 5, 1], dollarsCanary: 0.0123, dollarsStable: 0.04 } });
    expect(parseBlockLine(`${head}0:2:1;5:5:1`).block.metrics).toEqual({ cost: { countsCanary: [0, 2, 1], countsStable: [5, 5, 1] } });
    for (const wrong of ['0:2:1$;5:5:1', '0:2:1$x;5:5:1', '0:2:1$-1;5:5:1', '0:2:1$NaN;5:5:1']) expect(() => parseBlockLine(`${head}${wrong}`)).toThrow(BlockLineError);
  });

  test('an edge that a runtime does not have is a dash', () => {
    const head = '2026-11-22T10:00:15.000Z now=0 since=15000 start=15000 step=0 stepSince=15000 weight=20 weightSince=15000 | cost=';
    const { block, ...look } = parseBlockLine(`${head}-:2:-:1$0.0123;5:5:0:1`);
    expect(block.metrics).toEqual({ cost: { countsCanary: [0, 2, 0, 1], countsStable: [5, 5, 0, 1], dollarsCanary: 0.0123, lackingCanary: [0, 2] } });
    expect(blockLine({ block, ...look })).toBe(`${head}-:2:-:1$0.0123;5:5:0:1`);
    expect(() => parseBlockLine(`${head}--:2;1:1`)).toThrow(BlockLineError);
  });

  test.each(['', 'yesterday', '2026-11-22T10:00:15.000Z', '2026-11-22T10:00:15.000Z now=0 since=1 start=1 step=0 stepSince=1 weight=20 weightSince=1 | a=1/x,2/3'])('"%s" is refused', (line) => {
    expect(() => parseBlockLine(line)).toThrow(BlockLineError);
  });
});
