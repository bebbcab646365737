import { describe, expect, it } from 'vitest';
import { ModelError } from '../providers/model-error.ts';
import { createHarness } from '../testing/app-harness.ts';
import { bundleFixture, ticketTool } from '../testing/bundle-fixture.ts';
import { createFakeTransport } from '../testing/fake-transport.ts';
import { createScriptedModel, reply, toolTurn, type ScriptedTurn } from '../testing/scripted-model.ts';

/** In the prompt, the question, the arguments and the result of a tool, and the answer. */
const words = ['word-of-prompt', 'word-of-question', 'word-of-arguments', 'word-of-result', 'word-of-answer'] as const;
const question = { input: { text: 'word-of-question' } };
const chat = { model: 'support', messages: [{ role: 'user', content: 'word-of-question' }, { role: 'assistant', content: 'word-of-answer' }, { role: 'user', content: 'word-of-question' }] };
const called = toolTurn('ticket_read', { id: 'word-of-arguments' });

const ends: readonly (readonly [name: string, script: readonly ScriptedTurn[], status: number])[] = [
  ['well', [called, reply('word-of-answer')], 200],
  ['with a tool that failed', [called, reply('word-of-answer')], 500],
  ['with a provider that quotes what it was asked', [called, new ModelError('invalid_request', { status: 400, cause: new Error('bad: word-of-question word-of-result') })], 200],
  ['with a mistake of the program', [called, new Error('cannot read word-of-kind of undefined')], 200],
];

describe.each([
  ['/v1/invoke', question],
  ['/v1/stream', question],
  ['/v1/chat/completions', chat],
  ['/v1/chat/completions', { ...chat, stream: true }],
] as const)('what is said by %s', (url, payload) => {
  it.each(ends)('is in no line of the log, at its finest level, of a request that ends %s', async (_name, script, status) => {
    const harness = await createHarness({ model: createScriptedModel(...script), bundle: bundleFixture({ prompt: 'word-of-prompt', tools: [ticketTool()] }), transport: createFakeTransport({ status, body: 'word-of-result' }) });
    await harness.app.inject({ method: 'POST', url, payload });
    expect(harness.logs().map(({ msg }) => msg)).toContain('request finished');
    for (const word of words) expect(harness.logText()).not.toContain(word);
  });
});
