import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KubeError } from '../kube-error.ts';
import { LineSplitter } from './line-splitter.ts';

function feedAll(splitter: LineSplitter, chunks: readonly Uint8Array[]): string[] {
  return chunks.flatMap((chunk) => splitter.feed(chunk));
}

function cut(bytes: Uint8Array, at: readonly number[]): Uint8Array[] {
  const edges = [0, ...at.map((edge) => edge % (bytes.length + 1)).toSorted((left, right) => left - right), bytes.length];
  return edges.slice(1).map((end, index) => bytes.subarray(edges[index], end));
}

describe('LineSplitter', () => {
  it('gives back the lines however the bytes were cut', () => {
    const line = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => text !== '' && !text.includes('\n') && text.isWellFormed());
    fc.assert(fc.property(fc.array(line, { maxLength: 8 }), fc.array(fc.nat()), (lines, at) => {
      const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''));
      expect(feedAll(new LineSplitter({ maxLineBytes: 1000 }), cut(bytes, at))).toEqual(lines);
    }), { numRuns: 2000 });
  });

  it('leaves out empty lines and keeps an unfinished one back', () => {
    const splitter = new LineSplitter({ maxLineBytes: 100 });
    expect(splitter.feed(Buffer.from('\n\none\n\ntwo'))).toEqual(['one']);
    expect(splitter.feed(Buffer.from('\n'))).toEqual(['two']);
  });

  it('refuses a line without end', () => {
    const splitter = new LineSplitter({ maxLineBytes: 10 });
    splitter.feed(Buffer.from('short\n123456'));
    const more = () => splitter.feed(Buffer.from('78901'));
    expect(more).toThrow(KubeError);
    expect(more).toThrow(/longer than 10 bytes/);
  });

  it('counts from each new line', () => {
    const splitter = new LineSplitter({ maxLineBytes: 10 });
    const lines = feedAll(splitter, Array.from({ length: 20 }, () => Buffer.from('1234567\n89')));
    expect(lines).toHaveLength(20);
  });
});
