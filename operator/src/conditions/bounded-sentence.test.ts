import { expect, it } from 'vitest';
import { conditionMessage, recordedSentence } from './bounded-sentence.ts';

it.each([
  ['a condition', conditionMessage, 16_384],
  ['a record', recordedSentence, 4_096],
])('a sentence of %s keeps what fits, and what is cut once is not cut again', (_name, bounded, most) => {
  const fits = 'word '.repeat(most / 5).slice(0, most - 1).padEnd(most, 'd');
  expect(bounded(fits)).toBe(fits);
  const cut = bounded(`${fits} and more`);
  expect(cut.length).toBeLessThanOrEqual(most);
  expect(cut.endsWith('…')).toBe(true);
  expect(bounded(cut)).toBe(cut);
});

it('a pair that stands for one character is not cut in two: the API server would store another text, and the next look write it again', () => {
  for (const most of [4_096, 4_095]) {
    const cut = recordedSentence(`${'x'.repeat(most - 4_090)}${'😀'.repeat(4_096)}`);
    expect(cut.isWellFormed()).toBe(true);
  }
});
