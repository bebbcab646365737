import { expect, test } from 'vitest';
import { codeIn, tableRows } from './markdown-table.ts';

test('rows of all tables, without headers', () => {
  const text = ['| A | B |', '|---|---|', '| 1 | `x` and `y = 2` |', '', 'text', '| C |', '|---|', '| 2 |', '| 3 |'].join('\n');
  expect(tableRows(text)).toEqual([['1', '`x` and `y = 2`'], ['2'], ['3']]);
});

test('an escaped pipe is part of its cell', () => {
  expect(tableRows(['| A |', '|---|', String.raw`| 'a' \| 'b' |`].join('\n'))).toEqual([["'a' | 'b'"]]);
});

test('code is what stands between backticks', () => {
  expect(codeIn('in `a.ts` the `X = 1`, not y')).toEqual(['a.ts', 'X = 1']);
});
