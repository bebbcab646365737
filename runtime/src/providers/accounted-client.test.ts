import { describe, expect, it } from 'vitest';
import { inputTokensOf, tokensOfText } from '../budgets/estimate.ts';
import { hang, reply } from '../testing/scripted-model.ts';
import { createAccountedClient } from './accounted-client.ts';
import type { CompleteOptions, ModelClient, ModelRequest, TokenUsage } from './model-client.ts';
import { ModelError } from './model-error.ts';

const price = { inputDollarsPerMillionTokens: 1_000, outputDollarsPerMillionTokens: 10_000 };
const request: ModelRequest = { settings: { name: 'm', maxOutputTokens: 50 }, system: 'Help', messages: [{ role: 'user', text: 'Hello' }], tools: [] };
const input = inputTokensOf(request);

function setUp(complete: ModelClient['complete'], given: typeof price | 'none' = price) {
  const caller = new AbortController();
  const spent: TokenUsage[] = [];
  const client = createAccountedClient({ complete }, given === 'none' ? undefined : given);
  const ask = (options: Partial<CompleteOptions> = {}) => client.complete(request, { signal: caller.signal, onSpent: (usage) => spent.push(usage), ...options });
  return { ask, caller, spent };
}

describe('a call', () => {
  it('that is answered costs what its reply took, and nothing besides', async () => {
    const { ask, spent } = setUp(async () => reply('Hi.'));
    expect((await ask()).usage).toEqual({ inputTokens: 7, outputTokens: 3, dollars: 0.037 });
    expect(spent).toEqual([]);
  });

  it('of a model without a price says no dollars', async () => {
    const { ask } = setUp(async () => reply('Hi.'), 'none');
    expect((await ask()).usage).toEqual({ inputTokens: 7, outputTokens: 3 });
  });

  it.each([
    ['an error of the provider', new ModelError('overloaded', { status: 529 }), []],
    ['a connection that was not made', new ModelError('unavailable', { sent: 'no' }), []],
    ['a connection that broke', new ModelError('unavailable'), [{ inputTokens: input, outputTokens: 0, dollars: input / 1_000 }]],
  ])('that ended with %s is told of with what it may have cost', async (_, error, expected) => {
    const { ask, spent } = setUp(async () => Promise.reject(error));
    await expect(ask()).rejects.toBe(error);
    expect(spent).toEqual(expected);
  });

  it.each(['whole', 'streamed'] as const)('that is cut is told of at once, and once: %s', async (answers) => {
    const { ask, caller, spent } = setUp(async (_request, options) => {
      options.onText?.('Thirty');
      options.onUnseen?.('{"id":"7"}');
      return await hang(_request, options);
    });
    const running = ask(answers === 'streamed' ? { onText: () => {} } : {});
    const ended = expect(running).rejects.toThrow('left');
    caller.abort(new Error('left'));
    const output = answers === 'streamed' ? tokensOfText('Thirty{"id":"7"}') : 0;
    const expected = [{ inputTokens: input, outputTokens: output, dollars: (input + 10 * output) / 1_000 }];
    expect(spent).toEqual(expected);
    await ended;
    expect(spent).toEqual(expected);
  });

  it('leaves nobody listening to its signal', async () => {
    const { ask, caller, spent } = setUp(async () => reply('Hi.'));
    await ask();
    caller.abort(new Error('later'));
    expect(spent).toEqual([]);
  });
});
