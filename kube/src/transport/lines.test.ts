import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineBatches } from './lines.ts';

async function* chunks(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let from = 0;
  for (let index = 0; from < bytes.length; index++) {
    const to = from + (sizes[index % sizes.length] ?? 1);
    yield bytes.subarray(from, to);
    from = to;
  }
}

async function read(text: string, sizes: readonly number[], last: 'keep' | 'drop'): Promise<string[]> {
  const lines: string[] = [];
  for await (const batch of lineBatches(chunks(Buffer.from(text), sizes), { last })) lines.push(...batch);
  return lines;
}

describe('lineBatches', () => {
  it('gives the same lines however the bytes are cut, characters of several bytes included', async () => {
    const line = fc.string({ unit: fc.constantFrom('a', 'é', '漢', '🚦', ' ') });
    await fc.assert(fc.asyncProperty(fc.array(line, { maxLength: 8 }), fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), async (lines, sizes) => {
      expect(await read(lines.map((each) => `${each}\n`).join(''), sizes, 'drop')).toEqual(lines);
    }));
  });

  it('drops a last line that was cut off, or keeps it when asked to', async () => {
    expect(await read('one\ntw', [3], 'drop')).toEqual(['one']);
    expect(await read('one\ntw', [3], 'keep')).toEqual(['one', 'tw']);
    expect(await read('one\n', [3], 'keep')).toEqual(['one']);
  });

  it('hands over many lines of one chunk together', async () => {
    const batches: string[][] = [];
    for await (const batch of lineBatches(chunks(Buffer.from('a\nb\nc\n'), [100]), { last: 'drop' })) batches.push(batch);
    expect(batches).toEqual([['a', 'b', 'c']]);
  });

  it('refuses a line without end', async () => {
    const megabyte = new Uint8Array(1024 * 1024);
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) yield megabyte;
    }
    const reading = async () => {
      for await (const batch of lineBatches(endless(), { last: 'drop' })) expect(batch).toEqual([]);
    };
    await expect(reading()).rejects.toThrow(/longer than/);
  });
});
