import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OutputRule } from '@sluice/crds';
import { createAgent } from '../agent/create-agent.ts';
import type { ModelClient } from '../providers/model-client.ts';
import { bundleFixture } from '../testing/bundle-fixture.ts';
import { reply } from '../testing/scripted-model.ts';
import type { Toolbox } from '../tools/toolbox.ts';
import { compileGuardrails } from './compile-guardrails.ts';
import { guardAgent } from './guarded-agent.ts';

const noTools: Toolbox = { descriptions: [], effectOf: () => 'Read', call: async () => ({ kind: 'ok', content: '' }) };
const rules: OutputRule[] = [
  { name: 'secret', action: 'Block', deny: { patterns: ['(?i)blue ?bird', 'sk-[a-z0-9]{4,}'] } },
  { name: 'data', action: 'Redact', pii: { kinds: ['Email', 'CreditCard'] } },
];

/** A model whose stream comes in these pieces. */
function inPieces(pieces: readonly string[]): ModelClient {
  return {
    complete: async (_request, { onText, signal }) => {
      for (const piece of pieces) {
        signal.throwIfAborted();
        onText?.(piece);
        await Promise.resolve();
      }
      return reply(pieces.join(''));
    },
  };
}

async function run(pieces: readonly string[], streamed: 'streamed' | 'whole') {
  const told: string[] = [];
  const agent = guardAgent(createAgent(bundleFixture(), { model: inPieces(pieces), toolbox: noTools }), { guardrails: compileGuardrails({ output: rules }), observe: () => {} });
  const listener = streamed === 'whole' ? {} : { onText: ({ text }: { text: string }) => told.push(text) };
  const result = await agent.run({ requestId: 'r', text: 'x' }, { signal: new AbortController().signal, listener });
  return { result, told: told.join('') };
}

const word = fc.constantFrom('blue', 'bird', ' ', 'Blue', 'sk-', 'ab12', 'anna', '@', 'example', '.com', '4111 1111', ' 1111 1111', '.', 'x', '😀', '\n');
const pieces = fc.array(fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join('')), { minLength: 1, maxLength: 10 }).filter((all) => all.join('').trim() !== '');

describe('a streamed answer under rules', () => {
  it('is, put together, the answer that is not streamed, or the part of it before what is forbidden', async () => {
    await fc.assert(
      fc.asyncProperty(pieces, async (given) => {
        const streamed = await run(given, 'streamed');
        const whole = await run([given.join('')], 'whole');
        expect(streamed.result.blockedBy).toBe(whole.result.blockedBy);
        expect(streamed.result.answer).toBe(whole.result.answer);
        if (whole.result.blockedBy === undefined) expect(streamed.told).toBe(whole.result.answer);
        expect(streamed.told).not.toMatch(/[Bb]lue ?bird|sk-[a-z0-9]{4,}|anna@example\.com/);
      }),
      { numRuns: 400 },
    );
  });
});
