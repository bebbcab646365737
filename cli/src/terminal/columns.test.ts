import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Cell, columns } from './columns.ts';

it('aligns columns, and colours do not count as width', () => {
  const red = (text: string) => `<${text}>`;
  const rows = [
    [{ text: 'NAME' }, { text: 'PHASE' }, { text: 'MESSAGE' }],
    [{ text: 'a' }, { text: 'Healthy', paint: red }, { text: 'all is well' }],
    [{ text: 'longer' }, { text: '', paint: (text: string) => text }, { text: '' }],
  ];
  expect(columns(rows)).toEqual(['NAME    PHASE    MESSAGE', 'a       <Healthy>  all is well', 'longer']);
});

it('knows no rows', () => {
  expect(columns([])).toEqual([]);
});

describe('a last column that is longer than the terminal is wide', () => {
  const text = 'of the requests that came meanwhile some were bad, and the rest was good';
  const row: readonly Cell[] = [{ text: 'Objective success', under: '│  ' }, { text: 'Pass' }, { text }];

  it('goes on beside its row where there is room', () => {
    expect(columns([row], 76)).toEqual([
      'Objective success  Pass  of the requests that came meanwhile some were bad,',
      '│                        and the rest was good',
    ]);
  });

  it('stands below its row where there is little room, in its colour', () => {
    const red = (line: string) => `<${line}>`;
    expect(columns([[row[0]!, row[1]!, { text, paint: red }]], 60)).toEqual([
      'Objective success  Pass',
      '│      <of the requests that came meanwhile some were bad,>',
      '│      <and the rest was good>',
    ]);
  });

  it('is one line where it fits, and where nobody knows the width', () => {
    const whole = [`Objective success  Pass  ${text}`];
    expect(columns([row], 97)).toEqual(whole);
    expect(columns([row])).toEqual(whole);
  });

  it('says every word once, whatever the width', () => {
    const rows = fc.array(fc.array(fc.string({ maxLength: 30 }), { minLength: 1, maxLength: 4 }), { maxLength: 6 });
    const wordsOf = (lines: readonly string[]) => lines.join(' ').split(/\s+/).filter((word) => word !== '').toSorted();
    fc.assert(fc.property(rows, fc.integer({ min: 20, max: 200 }), (texts, width) => {
      expect(wordsOf(columns(texts.map((cells) => cells.map((each) => ({ text: each }))), width))).toEqual(wordsOf(texts.flat()));
    }));
  });
});
