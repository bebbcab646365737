import { expect, it } from 'vitest';
import { createFakeClock } from '../platform/clock-fake.ts';
import { createScriptedModel, type ScriptedTurn } from '../testing/scripted-model.ts';
import type { ModelRequest } from './model-client.ts';
import { ModelError } from './model-error.ts';
import { createResilientClient, type ResilienceOptions } from './resilient-client.ts';

const request: ModelRequest = { settings: { name: 'm', maxOutputTokens: 8 }, system: 'Help.', messages: [{ role: 'user', text: 'Hello' }], tools: [] };

/** How often the model is asked until the call fails, where no wait is longer than the clock says. */
async function triesOf(turn: ScriptedTurn, changes: Partial<ResilienceOptions>): Promise<number> {
  const model = createScriptedModel(turn);
  const clock = createFakeClock();
  const client = createResilientClient({
    client: model,
    clock: { ...clock, after: (milliseconds, task) => clock.after(milliseconds > 10_000 ? milliseconds : 0, task) },
    circuit: { run: async (call) => await call(), state: () => 'Closed' },
    random: { fraction: () => 0.5, id: () => 'x' },
    tryTimeoutMilliseconds: 60_000,
    maximumRetries: 3,
    retryBudget: { call: () => {}, take: () => 'allowed' },
    afterTimeout: 'retry',
    key: { current: () => 'k', reload: () => 'same' },
    observe: () => {},
    ...changes,
  });
  const asked = client.complete(request, { signal: new AbortController().signal }).catch((error: unknown) => error);
  for (let turns = 0; turns < 200; turns += 1) {
    clock.advance(0);
    await Promise.resolve();
  }
  expect(await asked).toBeInstanceOf(ModelError);
  return model.requests.length;
}

it('tries again as often as it may, and not at all where the budget of retries is used up', async () => {
  const overloaded = new ModelError('overloaded', { status: 529 });
  expect(await triesOf(overloaded, {})).toBe(4);
  expect(await triesOf(overloaded, { retryBudget: { call: () => {}, take: () => 'exhausted' } })).toBe(1);
});

it('tries once with a newer key, however often the key changes', async () => {
  let keys = 0;
  const rotating = { current: () => `k-${keys}`, reload: () => { keys += 1; return 'changed' as const; } };
  const unauthorized = new ModelError('unauthorized', { status: 401 });
  expect(await triesOf(unauthorized, { key: rotating })).toBe(2);
  expect(await triesOf(unauthorized, {})).toBe(1);
});
