import { describe, expect, it } from 'vitest';
import type { Budgets } from '@sluice/crds';
import { createFakeWallClock } from '../platform/wall-clock-fake.ts';
import type { ModelClient, ModelRequest } from '../providers/model-client.ts';
import { ModelError } from '../providers/model-error.ts';
import { createScriptedModel, reply } from '../testing/scripted-model.ts';
import { BudgetExceeded, refusedCallFields } from './budget-exceeded.ts';
import { inputTokensOf, tokensOfText } from './estimate.ts';
import { createMemoryLedger } from './memory-ledger.ts';
import { meterByBudgets } from './metered-client.ts';

const price = { inputDollarsPerMillionTokens: 1_000, outputDollarsPerMillionTokens: 10_000 };
const live = { signal: new AbortController().signal };

function request(requestId: string, tenant?: string): ModelRequest {
  return { settings: { name: 'm', maxOutputTokens: 50 }, system: 'Help', messages: [{ role: 'user', text: 'Hello' }], tools: [], caller: { requestId, tenant, payer: tenant } };
}

/** Reserved for one call of `request`. */
const reservedTokens = inputTokensOf(request('r')) + 50;

function setUp(budgets: Budgets, model = createScriptedModel(reply('Hi.')), given: typeof price | 'none' = price) {
  const clock = createFakeWallClock(Date.UTC(2026, 0, 1, 23, 0, 0));
  let ids = 0;
  const ledger = createMemoryLedger({ clock, random: { id: () => `id-${(ids += 1)}` } });
  const refused: string[] = [];
  const meter = meterByBudgets({ budgets, scope: 'shop/support', ledger, clock, callMilliseconds: 1_000, onRefused: (budget) => refused.push(budget) });
  return { clock, ledger, model, refused, meter, client: meter(model, { price: given === 'none' ? undefined : given }) };
}

describe('budgets', () => {
  it('are charged with what a call did cost', async () => {
    const { client, ledger } = setUp({ perDay: { maxTokens: 1_000, maxDollars: 1 } });
    await client.complete(request('r-1'), live);
    expect(await ledger.read('shop/support/day/20454')).toEqual({ spent: { tokens: 10, microDollars: 37_000 }, reserved: { tokens: 0, microDollars: 0 } });
  });

  it('take no answer back that is paid for, though the ledger is away by then', async () => {
    const { ledger, clock, model } = setUp({});
    const unsettled: unknown[] = [];
    const away = { ...ledger, settle: async () => Promise.reject(new Error('away')) };
    const client = meterByBudgets({ budgets: { perDay: { maxTokens: 1_000 } }, scope: 's', ledger: away, clock, callMilliseconds: 1_000, onRefused: () => {}, onUnsettled: (error) => unsettled.push(error) })(model, { price });
    expect(await client.complete(request('r-1'), live)).toMatchObject({ text: 'Hi.' });
    expect(unsettled).toEqual([new Error('away')]);
    const { spent, reserved } = await ledger.read('s/day/20454');
    expect([spent.tokens, reserved.tokens]).toEqual([0, reservedTokens]);
  });

  it('are those of a request of its tenant, whatever id another one chooses', async () => {
    const { client } = setUp({ perRequest: { maxTokens: reservedTokens } });
    await client.complete(request('r-1', 't1'), live);
    expect(await client.complete(request('r-1', 't2'), live)).toMatchObject({ text: 'Hi.' });
    await expect(client.complete(request('r-1', 't1'), live)).rejects.toMatchObject({ budget: 'perRequest' });
  });

  it('hold for one request over all its calls, and not for the next', async () => {
    const { client, refused } = setUp({ perRequest: { maxTokens: reservedTokens + 15 } });
    for (let call = 0; call < 2; call += 1) await client.complete(request('r-1'), live);
    await expect(client.complete(request('r-1'), live)).rejects.toMatchObject({ name: 'BudgetExceeded', budget: 'perRequest', retryAfterMilliseconds: undefined });
    await client.complete(request('r-2'), live);
    expect(refused).toEqual(['perRequest']);
  });

  it('are not passed by naming another tenant where nobody vouches for one', async () => {
    const { client } = setUp({ perTenantPerDay: { maxTokens: reservedTokens } });
    const said = (tenant: string): ModelRequest => ({ ...request('r'), caller: { requestId: tenant, tenant } });
    await client.complete(said('t1'), live);
    await expect(client.complete(said('t2'), live)).rejects.toMatchObject({ budget: 'perTenantPerDay' });
  });

  it('hold for each tenant, those without one together, until the day ends', async () => {
    const { client, clock } = setUp({ perTenantPerDay: { maxTokens: reservedTokens } });
    await client.complete(request('r-1', 't1'), live);
    await expect(client.complete(request('r-2', 't1'), live)).rejects.toMatchObject({ budget: 'perTenantPerDay', retryAfterMilliseconds: 3_600_000 });
    await client.complete(request('r-3', 't2'), live);
    await client.complete(request('r-4'), live);
    await expect(client.complete(request('r-5'), live)).rejects.toBeInstanceOf(BudgetExceeded);
    clock.advance(3_600_000);
    await client.complete(request('r-6', 't1'), live);
  });

  it('hold when fifty ask at once', async () => {
    const held: (() => void)[] = [];
    const model = createScriptedModel(async () => {
      await new Promise<void>((resolve) => held.push(resolve));
      return reply('Hi.', { usage: { inputTokens: reservedTokens - 50, outputTokens: 50 } });
    });
    const { client, ledger } = setUp({ perDay: { maxTokens: reservedTokens * 7 + 3 } }, model);
    const running = Array.from({ length: 50 }, (_value, index) => client.complete(request(`r-${index}`), live).then(() => 'made', () => 'refused'));
    await expect.poll(() => held.length).toBe(7);
    for (const release of held) release();
    const ends = await Promise.all(running);
    expect(ends.filter((end) => end === 'made')).toHaveLength(7);
    expect((await ledger.read('shop/support/day/20454')).spent.tokens).toBe(reservedTokens * 7);
  });

  it.each([
    ['an error of the provider', new ModelError('overloaded', { status: 529 }), 'whole', 0],
    ['a connection that broke', new ModelError('unavailable'), 'whole', reservedTokens - 50],
    ['a provider to which no connection could be made', new ModelError('unavailable', { sent: 'no' }), 'whole', 0],
    ['a stream of one to which no connection could be made in time', new ModelError('timeout', { sent: 'no' }), 'streamed', 0],
    ['a call that did not answer in time', new ModelError('timeout'), 'whole', reservedTokens],
    ['a call whose caller left', new Error('left'), 'whole', reservedTokens],
    ['a stream that did not begin in time', new ModelError('timeout'), 'streamed', reservedTokens],
    ['a stream whose caller left before its first text', new Error('left'), 'streamed', reservedTokens],
    ['a stream whose connection broke before its first text', new ModelError('unavailable'), 'streamed', reservedTokens - 50],
  ] as const)('are charged for %s with what it may have cost', async (_name, error, answers, tokens) => {
    const { client, ledger } = setUp({ perDay: { maxTokens: 1_000 } }, createScriptedModel(error));
    await expect(client.complete(request('r-1'), answers === 'whole' ? live : { ...live, onText: () => {} })).rejects.toBe(error);
    expect(await ledger.read('shop/support/day/20454')).toMatchObject({ spent: { tokens }, reserved: { tokens: 0 } });
  });

  it.each([['its caller left', new Error('left')], ['it did not go on in time', new ModelError('timeout')]])('are charged for a stream that was cut because %s with its input and what had come', async (_name, error) => {
    const model: ModelClient = {
      complete: async (_request, { onText }) => {
        onText?.('Thirty days.');
        throw error;
      },
    };
    const { meter, ledger } = setUp({ perDay: { maxTokens: 1_000 } });
    await expect(meter(model, { price }).complete(request('r-1'), { ...live, onText: () => {} })).rejects.toBe(error);
    expect(await ledger.read('shop/support/day/20454')).toMatchObject({ spent: { tokens: reservedTokens - 50 + tokensOfText('Thirty days.') }, reserved: { tokens: 0 } });
  });

  it('are charged for what a cut stream had besides its text, thoughts and arguments of calls', async () => {
    const model: ModelClient = {
      complete: async (_request, { onText, onUnseen }) => {
        onUnseen?.('Let me think.');
        onText?.('Thirty');
        onUnseen?.('{"id":"7"}');
        throw new Error('left');
      },
    };
    const { meter, ledger } = setUp({ perDay: { maxTokens: 1_000 } });
    await expect(meter(model, { price }).complete(request('r-1'), { ...live, onText: () => {} })).rejects.toThrow('left');
    expect((await ledger.read('shop/support/day/20454')).spent.tokens).toBe(reservedTokens - 50 + tokensOfText('ThirtyLet me think.{"id":"7"}'));
  });

  it('are charged with the reservation when a server counts no tokens', async () => {
    const { client, ledger } = setUp({ perDay: { maxTokens: 1_000 } }, createScriptedModel(reply('Hi.', { usage: { inputTokens: 0, outputTokens: 0 } })));
    await client.complete(request('r-1'), live);
    expect((await ledger.read('shop/support/day/20454')).spent.tokens).toBe(reservedTokens);
  });

  it('in dollars hold for the dearest way to count the input, as a part of it may be written into the cache of the provider', async () => {
    const input = inputTokensOf(request('r'));
    const enough = { perRequest: { maxDollars: (input * 1_250 + 50 * 10_000) / 1_000_000 } };
    for (const [cacheWriteDollarsPerMillionTokens, asked] of [[1_250, 1], [1_251, 0]] as const) {
      const { meter, model } = setUp(enough);
      await meter(model, { price: { ...price, cacheWriteDollarsPerMillionTokens } }).complete(request('r-1'), live).catch((error: unknown) => expect(error).toBeInstanceOf(BudgetExceeded));
      expect(model.requests).toHaveLength(asked);
    }
  });

  it.each([
    ['perRequest', { perRequest: { maxTokens: 60 } }, `The request would need more of the model than one request may use (budgets.perRequest.maxTokens is 60): by the estimate the next call of the model may take up to ${reservedTokens} tokens, and 60 tokens are left`],
    ['perTenantPerDay', { perTenantPerDay: { maxTokens: reservedTokens + 9 } }, `The tenant has not enough budget left for today (budgets.perTenantPerDay.maxTokens is ${reservedTokens + 9}): by the estimate the next call of the model may take up to ${reservedTokens} tokens, and ${reservedTokens - 1} tokens are left; it begins anew at 2026-01-02T00:00:00.000Z`],
    // What is left of it says what other tenants have asked.
    ['perDay', { perDay: { maxTokens: reservedTokens + 9 } }, `The agent has not enough budget left for today (budgets.perDay.maxTokens is ${reservedTokens + 9}): by the estimate the next call of the model may take up to ${reservedTokens} tokens; it begins anew at 2026-01-02T00:00:00.000Z`],
    ['in dollars', { perTenantPerDay: { maxTokens: 10_000, maxDollars: 0.5 } }, `The tenant has not enough budget left for today (budgets.perTenantPerDay.maxDollars is 0.5): by the estimate the next call of the model may take up to 0.5${reservedTokens - 50} dollars, and 0.5 dollars are left; it begins anew at 2026-01-02T00:00:00.000Z`],
  ] satisfies [string, Budgets, string][])('say by their numbers why they refuse: %s', async (_name, budgets, message) => {
    const { client } = setUp(budgets);
    const failure = await client.complete(request('r-1', 't1'), live).then(async () => await client.complete(request('r-2', 't1'), live)).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'BudgetExceeded', message });
  });

  it('tell whoever runs the agent of which request, and what is left, of the day of the agent too', async () => {
    const { ledger, clock, model } = setUp({});
    const lines: object[] = [];
    const budgets = { perDay: { maxTokens: reservedTokens - 1 } };
    const client = meterByBudgets({ budgets, scope: 's', ledger, clock, callMilliseconds: 1_000, onRefused: (budget, call) => lines.push(refusedCallFields(budget, call)) })(model, { price });
    await expect(client.complete(request('r-1', 't1'), live)).rejects.toBeInstanceOf(BudgetExceeded);
    expect(lines).toEqual([{ request_id: 'r-1', budget: 'perDay', member: 'maxTokens', limit: reservedTokens - 1, needed: reservedTokens, left: reservedTokens - 1 }]);
  });

  it('in dollars refuse a model without a price', async () => {
    const { client, model } = setUp({ perDay: { maxDollars: 1 } }, createScriptedModel(reply('Hi.')), 'none');
    await expect(client.complete(request('r-1'), live)).rejects.toMatchObject({ budget: 'perDay' });
    expect(model.requests).toEqual([]);
  });
});

it('the estimate counts the schema of an answer, which providers read too', () => {
  const schema = { type: 'object', properties: { order_number: { type: 'string' } } };
  const asked = inputTokensOf({ ...request('r'), format: { kind: 'schema', name: 'answer', schema } });
  expect(asked - inputTokensOf(request('r'))).toBeGreaterThan(JSON.stringify(schema).length / 2);
});

it('the estimate is above what tokenizers count', () => {
  expect(tokensOfText('The quick brown fox jumps over the lazy dog')).toBeGreaterThanOrEqual(9);
  expect(tokensOfText('1234567890')).toBe(10);
  expect(tokensOfText('日本語')).toBe(9);
  expect(tokensOfText('')).toBe(0);
});
