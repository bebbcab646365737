import { expect, it } from 'vitest';
import type { StoreReach } from '../lifecycle/readyz.ts';
import { createFakeClock } from '../platform/clock-fake.ts';
import { watchStore } from '../store/store-health.ts';
import { createHarness } from '../testing/app-harness.ts';
import { createScriptedModel, reply } from '../testing/scripted-model.ts';

const times = { everyMs: 2_000, timeoutMs: 1_000, downAfterMs: 60_000, okAfter: 3 } as const;

async function createRig(storeReach: StoreReach) {
  const clock = createFakeClock();
  let answers: 'yes' | 'no' = 'yes';
  const check = async (): Promise<void> => {
    if (answers === 'no') throw new Error('away');
  };
  const watch = watchStore({ check, clock, ...times, onChange: () => {} });
  const harness = await createHarness({ model: createScriptedModel(reply('Yes.'), reply('Yes.')), clock, state: { health: watch.health, storeReach } });
  harness.readiness.becomeReady();
  const stop = new AbortController();
  const watching = watch.run(stop.signal);
  return {
    ready: async (): Promise<readonly [number, unknown]> => {
      const response = await harness.app.inject({ method: 'GET', url: '/readyz' });
      return [response.statusCode, response.json()];
    },
    pass: async (milliseconds: number): Promise<void> => {
      for (let passed = 0; passed < milliseconds; passed += times.everyMs) {
        clock.advance(times.everyMs);
        for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
      }
    },
    store: (now: 'yes' | 'no'): void => {
      answers = now;
    },
    invoke: async (): Promise<number> => (await harness.app.inject({ method: 'POST', url: '/v1/invoke', payload: { input: { text: 'q' } } })).statusCode,
    end: async (): Promise<void> => {
      stop.abort();
      await watching;
    },
  };
}

it('a shared store takes no replica out, however long it is away: what needs none is answered', async () => {
  const { ready, pass, store, invoke, end } = await createRig('shared');
  await pass(4_000);
  expect(await ready()).toEqual([200, { status: 'ready' }]);
  store('no');
  await pass(30_000);
  expect(await ready()).toEqual([200, { status: 'ready', degraded: ['store'] }]);
  expect(await invoke()).toBe(200);
  await pass(600_000);
  expect(await ready()).toEqual([200, { status: 'ready', degraded: ['store'] }]);
  expect(await invoke()).toBe(200);
  store('yes');
  await pass(2_000);
  expect(await ready()).toEqual([200, { status: 'ready', degraded: ['store'] }]);
  await pass(8_000);
  expect(await ready()).toEqual([200, { status: 'ready' }]);
  await end();
});

it('a store of the pod itself that blips takes it not out, one that is away for long does, and one answer does not bring it back', async () => {
  const { ready, pass, store, end } = await createRig('own');
  store('no');
  await pass(30_000);
  expect(await ready()).toEqual([200, { status: 'ready', degraded: ['store'] }]);
  await pass(40_000);
  expect(await ready()).toEqual([503, { status: 'not_ready', reasons: ['store_unavailable'] }]);
  store('yes');
  await pass(2_000);
  expect((await ready())[0]).toBe(503);
  await pass(8_000);
  expect(await ready()).toEqual([200, { status: 'ready' }]);
  await end();
});
