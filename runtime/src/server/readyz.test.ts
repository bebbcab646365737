import { expect, it } from 'vitest';
import { createFakeClock } from '../platform/clock-fake.ts';
import { watchStore } from '../store/store-health.ts';
import { createHarness } from '../testing/app-harness.ts';
import { createScriptedModel, reply } from '../testing/scripted-model.ts';

const times = { everyMs: 2_000, timeoutMs: 1_000, downAfterMs: 60_000, okAfter: 3 } as const;

it('a store that blips takes no replica out, one that is away for long does, and one answer does not bring it back', async () => {
  const clock = createFakeClock();
  let answers: 'yes' | 'no' = 'yes';
  const check = async (): Promise<void> => {
    if (answers === 'no') throw new Error('away');
  };
  const watch = watchStore({ check, clock, ...times, onChange: () => {} });
  const harness = await createHarness({ model: createScriptedModel(reply('Yes.')), clock, state: { health: watch.health } });
  harness.readiness.becomeReady();
  const stop = new AbortController();
  const watching = watch.run(stop.signal);
  const ready = async (): Promise<readonly [number, unknown]> => {
    const response = await harness.app.inject({ method: 'GET', url: '/readyz' });
    return [response.statusCode, response.json()];
  };
  const pass = async (milliseconds: number): Promise<void> => {
    for (let passed = 0; passed < milliseconds; passed += times.everyMs) {
      clock.advance(times.everyMs);
      for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
    }
  };
  await pass(4_000);
  expect(await ready()).toEqual([200, { status: 'ready' }]);
  answers = 'no';
  await pass(30_000);
  expect(await ready()).toEqual([200, { status: 'ready', degraded: ['store'] }]);
  expect((await harness.app.inject({ method: 'POST', url: '/v1/invoke', payload: { input: { text: 'q' } } })).statusCode).toBe(200);
  await pass(40_000);
  expect(await ready()).toEqual([503, { status: 'not_ready', reasons: ['store_unavailable'] }]);
  answers = 'yes';
  await pass(2_000);
  expect((await ready())[0]).toBe(503);
  await pass(8_000);
  expect(await ready()).toEqual([200, { status: 'ready' }]);
  stop.abort();
  await watching;
});
