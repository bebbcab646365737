import { expect, it } from 'vitest';
import { tokensOfText } from '../budgets/estimate.ts';
import { createFakeClock } from '../platform/clock-fake.ts';
import { createAccountedClient } from '../providers/accounted-client.ts';
import { createHarness } from '../testing/app-harness.ts';
import { bundleFixture } from '../testing/bundle-fixture.ts';
import { createScriptedModel, hang } from '../testing/scripted-model.ts';

const price = { inputDollarsPerMillionTokens: 0, outputDollarsPerMillionTokens: 1_000_000 };

it('a request whose time is over in the middle of its answer is counted with what had come by then', async () => {
  const clock = createFakeClock();
  const model = createScriptedModel(async (request, options) => {
    options.onText?.('Thirty days.');
    return await hang(request, options);
  });
  const base = bundleFixture();
  const { app, series } = await createHarness({ clock, model: createAccountedClient(model, price), bundle: { ...base, model: { ...base.model, price } } });
  const answered = app.inject({ method: 'POST', url: '/v1/stream', payload: { input: { text: 'When?' } } });
  await expect.poll(() => model.requests.length).toBe(1);
  clock.advance(10_000);
  expect((await answered).body).toContain('urn:sluice:problem:timeout');
  expect(await series('sluice_requests_total{outcome="timeout"}')).toBe(1);
  expect(await series('sluice_request_cost_dollars_sum')).toBe(tokensOfText('Thirty days.'));
});
