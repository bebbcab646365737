import { describe, expect, it } from 'vitest';
import { printable, printableValue } from './printable.ts';

describe('printable', () => {
  it.each([
    ['plain text, ä and 日本', 'plain text, ä and 日本'],
    ['two\nlines\r\n', 'two lines'],
    ['\u001b[2Jgone', '[2Jgone'],
    ['a\u202eb', 'a b'],
    ['\u009b31m', '31m'],
  ])('%j becomes %j', (text, expected) => {
    expect(printable(text)).toBe(expected);
  });

  it('reaches every text of a value and leaves the rest', () => {
    expect(printableValue({ a: ['x\ny', 1, null], b: { c: '\u0007', d: true } })).toEqual({ a: ['x y', 1, null], b: { c: '', d: true } });
  });
});
