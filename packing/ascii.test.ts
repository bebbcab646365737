import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { inAscii } from './ascii.ts';

test('a program says the same in ASCII', () => {
  const program = '["…", `–${"\u{1f680}"}`, "\ufeff".length, /^[…ü]$/u.test("…"), "Grüße"].join()';
  const written = inAscii(program);
  expect(written).not.toMatch(/[^\0-\x7f]/);
  expect(runInNewContext(written)).toBe('…,–\u{1f680},1,true,Grüße');
});

test('so do raw templates, which read no escapes', () => {
  const program = 'String.raw`\\b(règles|"ñ"\\`)\\s` + String.raw`\\b${1}`';
  const written = inAscii(program);
  expect(written).not.toMatch(/[^\0-\x7f]/);
  expect(runInNewContext(written)).toBe('\\b(règles|"ñ"\\`)\\s\\b1');
  expect(() => inAscii('String.raw`ü${1}`')).toThrow('take one of them out');
});
