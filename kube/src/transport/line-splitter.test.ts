import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KubeError } from '../kube-error.ts';
import { LineSplitter } from './line-splitter.ts';

function splitter(maxLineBytes = 1000): LineSplitter {
  return new LineSplitter({ maxLineBytes, of: 'the test', advice: 'write less' });
}

function feedAll(lines: LineSplitter, chunks: readonly Uint8Array[]): string[] {
  return chunks.flatMap((chunk) => lines.feed(chunk));
}

function cut(bytes: Uint8Array, at: readonly number[]): Uint8Array[] {
  const edges = [0, ...at.map((edge) => edge % (bytes.length + 1)).toSorted((left, right) => left - right), bytes.length];
  return edges.slice(1).map((end, index) => bytes.subarray(edges[index], end));
}

describe('LineSplitter', () => {
  it('gives back the lines, whole and in order, and what follows the last one, however the bytes were cut', () => {
    const line = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => !text.includes('\n') && text.isWellFormed());
    fc.assert(fc.property(fc.array(line, { maxLength: 8 }), line, fc.array(fc.nat()), (whole, last, at) => {
      const lines = splitter();
      expect(feedAll(lines, cut(Buffer.from(whole.map((text) => `${text}\n`).join('') + last), at))).toEqual(whole);
      expect(lines.rest() ?? '').toBe(last);
    }), { numRuns: 2000 });
  });

  it('gives all lines of a chunk together, empty ones too, and keeps an unfinished one back', () => {
    const lines = splitter();
    expect(lines.feed(Buffer.from('\none\n\ntwo'))).toEqual(['', 'one', '']);
    expect(lines.rest()).toBe('two');
    expect(lines.feed(Buffer.from('\n'))).toEqual(['two']);
    expect(lines.rest()).toBeUndefined();
  });

  it('refuses a line without end, and says what to do', () => {
    const lines = splitter(10);
    lines.feed(Buffer.from('short\n123456'));
    const more = () => lines.feed(Buffer.from('78901'));
    expect(more).toThrow(KubeError);
    expect(more).toThrow('a line of the test is longer than 10 bytes; write less');
  });

  it('counts from each new line', () => {
    const lines = feedAll(splitter(10), Array.from({ length: 20 }, () => Buffer.from('1234567\n89')));
    expect(lines).toHaveLength(20);
  });
});
