import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createStopFilter, untilStop } from './stop-sequences.ts';

describe('stop sequences', () => {
  it.each([
    ['one two three', ['two'], 'one '],
    ['one two three', ['three', ' two'], 'one'],
    ['one', ['two'], 'one'],
    ['one', [], 'one'],
    ['END', ['END'], ''],
    ['aab', ['ab'], 'a'],
    ['abb', ['abb', 'b'], 'a'],
    ['xabb', ['bb', 'abb'], 'x'],
  ])('end %j before %j', (text, sequences, wanted) => {
    expect(untilStop(text, sequences)).toBe(wanted);
  });

  it('end a text in pieces where they end it as a whole, and hold back no more than they must', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '\n'), maxLength: 12 });
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 8 }), fc.array(letters.filter((text) => text !== ''), { maxLength: 4 }), (pieces, sequences) => {
        const filter = createStopFilter(sequences);
        const longest = Math.max(0, ...sequences.map(({ length }) => length - 1));
        let told = '';
        let given = '';
        for (const piece of pieces) {
          told += filter.push(piece);
          given += piece;
          expect(untilStop(given, sequences).startsWith(told)).toBe(true);
          expect(untilStop(given, sequences).length - told.length).toBeLessThanOrEqual(longest);
        }
        expect(told + filter.end()).toBe(untilStop(given, sequences));
      }),
      { numRuns: 5_000 },
    );
  });
});
