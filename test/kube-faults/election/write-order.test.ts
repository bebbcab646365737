import { array, assert, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lateWrites, type Write, writersOf } from './write-order.ts';

function writes(...writers: readonly string[]): Write[] {
  return writers.map((writer, index) => ({ object: 'counter', writer, version: index + 1 }));
}

describe('lateWrites', () => {
  it('accepts terms that follow each other', () => {
    expect(lateWrites(writes('a', 'a', 'b', 'b', 'c'))).toEqual([]);
    expect(lateWrites([])).toEqual([]);
  });

  it('finds every write of a leader who was succeeded', () => {
    const all = writes('a', 'b', 'a', 'b', 'c', 'a', 'b');
    expect(lateWrites(all)).toEqual([
      { late: all[2], after: all[1] }, { late: all[5], after: all[4] }, { late: all[6], after: all[4] },
    ]);
  });

  it('goes by the version, not by the order of arrival', () => {
    expect(lateWrites(writes('a', 'a', 'b', 'b').toReversed())).toEqual([]);
    expect(writersOf(writes('b', 'a', 'b').toReversed())).toEqual(['b', 'a']);
  });

  it('finds nothing in terms that do not overlap, and something as soon as a former leader writes again', () => {
    assert(property(array(integer({ min: 1, max: 5 }), { minLength: 2, maxLength: 6 }), (terms) => {
      const sound = terms.flatMap((count, term) => Array.from({ length: count }, () => `leader-${term}`));
      expect(lateWrites(writes(...sound))).toEqual([]);
      expect(lateWrites(writes(...sound, 'leader-0'))).toHaveLength(1);
    }));
  });
});
