import { describe, expect, it } from 'vitest';
import type { Toolbox } from '../tools/toolbox.ts';
import { runToolCalls } from './tool-turn.ts';

/** Makes these calls in one turn; a name that begins with "write" writes. What happened, in its order. */
async function orderOf(...names: readonly string[]): Promise<readonly string[]> {
  const seen: string[] = [];
  const toolbox: Toolbox = {
    descriptions: [],
    effectOf: (name) => (name.startsWith('write') ? 'Write' : 'Read'),
    call: async ({ name }) => {
      seen.push(`${name} begins`);
      await new Promise(setImmediate);
      seen.push(`${name} ends`);
      return { kind: 'ok', content: name };
    },
  };
  const calls = names.map((name, index) => ({ id: `c-${index}`, name, argumentsJson: '{}' }));
  const { results } = await runToolCalls(toolbox, { requestId: 'r', calls, firstNumber: 1 }, { signal: new AbortController().signal, listener: {} });
  expect(results.map(({ callId }) => callId)).toEqual(calls.map(({ id }) => id));
  return seen;
}

describe('the calls of one turn', () => {
  it('are made side by side where all of them read', async () => {
    expect(await orderOf('a', 'b')).toEqual(['a begins', 'b begins', 'a ends', 'b ends']);
  });

  it.each([[['a', 'write']], [['write', 'a']], [['write', 'write-2']]])('keep the order that the model chose where one writes: %j', async (names) => {
    expect(await orderOf(...names)).toEqual(names.flatMap((name) => [`${name} begins`, `${name} ends`]));
  });
});
