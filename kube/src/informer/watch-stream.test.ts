import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../clock-fake.ts';
import type { ConfigMap } from '../resources/core.ts';
import { configMap } from '../testing/informer-rig.ts';
import { readWatch } from './watch-stream.ts';

async function* chunksOf(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let from = 0;
  for (let index = 0; from < bytes.length; index++) {
    const to = from + (sizes[index % sizes.length] ?? 1);
    yield bytes.subarray(from, to);
    from = to;
  }
}

/** What was taken, with `settled` after the events that arrived together. */
async function read(text: string, sizes: readonly number[]): Promise<string[]> {
  const taken: string[] = [];
  await readWatch<ConfigMap>(chunksOf(Buffer.from(text), sizes), {
    clock: new FakeClock(), stallMs: () => 1_000, maxLineBytes: 10_000, path: '/api/v1/configmaps', abort: () => {},
    take: (event) => taken.push('object' in event ? `${event.type} ${event.object.metadata.name} ${event.object.data?.['v']}` : event.type),
    settled: () => taken.push('settled'),
  });
  return taken;
}

function added(name: string, value: string): string {
  return `${JSON.stringify({ type: 'ADDED', object: configMap(name, { v: value }) })}\n`;
}

describe('readWatch', () => {
  it('takes all events of a chunk in one turn, and settles once', async () => {
    const text = Array.from({ length: 500 }, (_, index) => added(`m-${index}`, 'x')).join('');
    const taken = await read(text, [text.length]);
    expect(taken).toHaveLength(501);
    expect(taken.indexOf('settled')).toBe(500);
  });

  it('takes the same events in the same order however the bytes are cut, characters of several bytes included', async () => {
    const value = fc.string({ unit: fc.constantFrom('a', 'é', '漢', '🚦', ' '), maxLength: 6 });
    await fc.assert(fc.asyncProperty(fc.array(value, { maxLength: 6 }), fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), async (values, sizes) => {
      const taken = await read(values.map((each, index) => added(`m-${index}`, each)).join(''), sizes);
      expect(taken.filter((each) => each !== 'settled')).toEqual(values.map((each, index) => `ADDED m-${index} ${each}`));
    }), { numRuns: 300 });
  });

  it('leaves out empty lines and what is cut off at the end', async () => {
    expect(await read(`\n${added('a', '1')}\n${added('b', '2').slice(0, 30)}`, [7])).toEqual(['ADDED a 1', 'settled']);
  });
});
