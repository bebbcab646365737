import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../platform/clock-fake.ts';
import { createScriptedModel, hang, reply, type ScriptedTurn } from '../testing/scripted-model.ts';
import { createHedgedClient, type HedgeOptions } from './hedged-client.ts';
import type { CompleteOptions, ModelRequest, TokenUsage } from './model-client.ts';
import { ModelError } from './model-error.ts';
import { createRetryBudget } from './retry-budget.ts';

const request: ModelRequest = { settings: { name: 'm', maxOutputTokens: 8 }, system: 'Help.', messages: [], tools: [] };

function setUp(...script: readonly ScriptedTurn[]) {
  return setUpWith({ take: () => 'allowed' }, ...script);
}

function setUpWith(retryBudget: HedgeOptions['retryBudget'], ...script: readonly ScriptedTurn[]) {
  const clock = createFakeClock();
  const model = createScriptedModel(...script);
  const caller = new AbortController();
  let hedges = 0;
  const client = createHedgedClient(model, { clock, afterMilliseconds: 100, retryBudget, onHedge: () => (hedges += 1) });
  return { clock, model, caller, client, hedges: () => hedges };
}

describe('a second call beside a slow one', () => {
  it('is made after the time, and its reply cuts the first', async () => {
    const { client, clock, model, caller, hedges } = setUp(hang, reply('Second.'));
    const running = client.complete(request, { signal: caller.signal });
    clock.advance(99);
    expect(model.requests).toHaveLength(1);
    clock.advance(1);
    expect((await running).text).toBe('Second.');
    expect(model.signals[0]?.aborted).toBe(true);
    expect({ hedges: hedges(), pending: clock.pending() }).toEqual({ hedges: 1, pending: 0 });
  });

  it.each([
    ['the first, which is cut', hang, reply('Second.', { usage: { inputTokens: 20, outputTokens: 5 } }), [{ inputTokens: 20, outputTokens: 5 }]],
    ['the second, which is cut', async () => (await setImmediate(), await setImmediate(), reply('First.', { usage: { inputTokens: 20, outputTokens: 5 } })), hang, [{ inputTokens: 20, outputTokens: 5 }]],
  ] as const)('is paid for: as much is told of %s, as the answer took', async (_, first, second, expected) => {
    const { client, clock, caller } = setUp(first, second);
    const spent: TokenUsage[] = [];
    const running = client.complete(request, { signal: caller.signal, onSpent: (usage) => spent.push(usage) });
    clock.advance(100);
    await running;
    expect(spent).toEqual(expected);
  });

  it('tells what a call says of itself while both run, and nothing of one that is told of by the other', async () => {
    const failing = Promise.withResolvers<void>();
    const fails = async (_request: ModelRequest, { onSpent, signal }: CompleteOptions): Promise<never> => {
      signal.addEventListener('abort', () => onSpent?.({ inputTokens: 1, outputTokens: 1 }));
      await failing.promise;
      onSpent?.({ inputTokens: 9, outputTokens: 0 });
      throw new ModelError('unavailable');
    };
    const { client, clock, caller } = setUp(fails, async () => (failing.resolve(), await setImmediate(), await setImmediate(), reply('Second.')));
    const spent: TokenUsage[] = [];
    const running = client.complete(request, { signal: caller.signal, onSpent: (usage) => spent.push(usage) });
    clock.advance(100);
    expect((await running).text).toBe('Second.');
    expect(spent).toEqual([{ inputTokens: 9, outputTokens: 0 }]);
  });

  it('is not made beside one that answers or fails in time', async () => {
    const quick = setUp(reply('First.'));
    expect((await quick.client.complete(request, { signal: quick.caller.signal })).text).toBe('First.');
    quick.clock.advance(1_000);
    expect(quick.model.requests).toHaveLength(1);
    const failing = setUp(new ModelError('overloaded'));
    await expect(failing.client.complete(request, { signal: failing.caller.signal })).rejects.toMatchObject({ failure: 'overloaded' });
    expect({ asked: failing.model.requests.length, pending: failing.clock.pending() }).toEqual({ asked: 1, pending: 0 });
  });

  it('answers although the first fails while it is under way, and the first is told of when both fail', async () => {
    const firstFails = async (): Promise<never> => {
      await failing.promise;
      throw new ModelError('overloaded');
    };
    const failing = Promise.withResolvers<void>();
    const answering = Promise.withResolvers<void>();
    const { client, clock, caller } = setUp(firstFails, async () => (await answering.promise, reply('Second.')));
    const running = client.complete(request, { signal: caller.signal });
    clock.advance(100);
    failing.resolve();
    await setImmediate();
    answering.resolve();
    expect((await running).text).toBe('Second.');
    const both = setUp(async () => await new Promise<never>((_, reject) => setTimeout(() => reject(new ModelError('overloaded')))), new ModelError('unavailable'));
    const lost = both.client.complete(request, { signal: both.caller.signal });
    both.clock.advance(100);
    await expect(lost).rejects.toMatchObject({ failure: 'overloaded' });
    expect(both.model.requests).toHaveLength(2);
  });

  it('is not made where retries have used up what they may take', async () => {
    const { client, clock, model, caller, hedges } = setUpWith({ take: () => 'exhausted' }, async () => (await setImmediate(), reply('First.')));
    const running = client.complete(request, { signal: caller.signal });
    clock.advance(100);
    expect((await running).text).toBe('First.');
    expect([model.requests.length, hedges()]).toEqual([1, 0]);
    const failed = setUpWith({ take: () => 'exhausted' }, async () => {
      await setImmediate();
      throw new ModelError('overloaded');
    });
    const lost = failed.client.complete(request, { signal: failed.caller.signal });
    failed.clock.advance(100);
    await expect(lost).rejects.toMatchObject({ failure: 'overloaded' });
  });

  it('is cut with the first when the caller leaves', async () => {
    const { client, clock, model, caller } = setUp(hang);
    const running = client.complete(request, { signal: caller.signal });
    clock.advance(100);
    caller.abort(new Error('left'));
    await expect(running).rejects.toThrow('left');
    expect(model.signals.map(({ aborted }) => aborted)).toEqual([true, true]);
  });

  it('is not made where text is told as it comes', async () => {
    const { client, clock, model, caller } = setUp(hang);
    const running = client.complete(request, { signal: caller.signal, onText: () => {} });
    clock.advance(1_000);
    caller.abort(new Error('left'));
    await expect(running).rejects.toThrow('left');
    expect(model.requests).toHaveLength(1);
  });
});

describe('the budget of retries', () => {
  it('is a share of the calls, after those that it starts with', () => {
    const budget = createRetryBudget(10);
    const take = (times: number): number => Array.from({ length: times }, budget.take).filter((answer) => answer === 'allowed').length;
    expect(take(50)).toBe(20);
    for (let call = 0; call < 50; call += 1) budget.call();
    expect(take(50)).toBe(5);
    for (let call = 0; call < 100_000; call += 1) budget.call();
    expect(take(200)).toBe(100);
  });
});
