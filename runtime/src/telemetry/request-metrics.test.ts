import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createScriptedModel, reply, toolTurn } from '../testing/scripted-model.ts';
import { createHarness } from '../testing/app-harness.ts';
import { bundleFixture, ticketTool } from '../testing/bundle-fixture.ts';
import { createFakeTransport } from '../testing/fake-transport.ts';
import { ModelError } from '../providers/model-error.ts';
import { costOf } from '../providers/token-price.ts';
import { costBuckets } from './cost-metrics.ts';
import { createMetrics } from './metrics.ts';

const price = { inputDollarsPerMillionTokens: 3, outputDollarsPerMillionTokens: 15 };
const question = { input: { text: 'What of ticket 7?' } };

async function served(model: ReturnType<typeof createScriptedModel>, options: { readonly to?: 'users' | 'mirror' } = {}) {
  const base = bundleFixture({ tools: [ticketTool()] });
  const transport = createFakeTransport({ body: '{"state":"open"}', headers: { 'content-type': 'application/json' } });
  const harness = await createHarness({ model, transport, bundle: { ...base, model: { ...base.model, price } } });
  const app = options.to === 'mirror' ? harness.mirror : harness.app;
  const { statusCode } = await app.inject({ method: 'POST', url: '/v1/invoke', payload: question });
  return { ...harness, statusCode };
}

describe('answers', () => {
  it('that name a tool call they rest on have a citation, others have none', async () => {
    const cited = await served(createScriptedModel(toolTurn('ticket_read', { id: '7' }), reply('Open.')));
    expect([await cited.series('sluice_answers_total{citation="with"}'), await cited.series('sluice_answers_total{citation="without"}')]).toEqual([1, 0]);
    const bare = await served(createScriptedModel(reply('Open, I guess.')));
    expect([await bare.series('sluice_answers_total{citation="with"}'), await bare.series('sluice_answers_total{citation="without"}')]).toEqual([0, 1]);
  });

  it('to copies of requests are counted apart', async () => {
    const { series } = await served(createScriptedModel(reply('Open.')), { to: 'mirror' });
    expect([await series('sluice_mirrored_answers_total{citation="without"}'), await series('sluice_answers_total{citation="without"}')]).toEqual([1, 0]);
  });

  it('that are none count as neither', async () => {
    const { series } = await served(createScriptedModel(reply('')));
    expect([await series('sluice_answers_total{citation="with"}'), await series('sluice_answers_total{citation="without"}')]).toEqual([0, 0]);
  });
});

describe('blocked requests', () => {
  it('count by the rule that blocked them', async () => {
    const { series } = await served(createScriptedModel(reply('I will not.', { stop: 'refused' })));
    expect(await series('sluice_requests_blocked_by_rule_total{rule="model-refusal"}')).toBe(1);
    expect(await series('sluice_requests_total{outcome="error"}')).toBe(1);
  });

  it('of rules that nobody declared share one label', async () => {
    const metrics = createMetrics({ agent: 'a', revision: 'r', tools: [] });
    for (let index = 0; index < 500; index += 1) metrics.request('error', 1, { blockedBy: `rule-${index}` });
    const text = await metrics.registry.metrics();
    expect(text).toContain('sluice_requests_blocked_by_rule_total{rule="other"} 500');
    expect(text).not.toContain('rule-1');
  });
});

describe('the cost of a request', () => {
  it('is that of the tokens of all its turns', async () => {
    const { series } = await served(createScriptedModel(toolTurn('ticket_read', { id: '7' }, { usage: { inputTokens: 1000, outputTokens: 100 } }), reply('Open.', { usage: { inputTokens: 2000, outputTokens: 200 } })));
    expect(await series('sluice_request_cost_dollars_count')).toBe(1);
    expect(await series('sluice_request_cost_dollars_sum')).toBeCloseTo(0.0135, 9);
    expect([await series('sluice_request_cost_dollars_bucket{le="0.01"}'), await series('sluice_request_cost_dollars_bucket{le="0.016"}')]).toEqual([0, 1]);
  });

  it('counts also what a request had spent until it failed', async () => {
    const { series, statusCode } = await served(createScriptedModel(toolTurn('ticket_read', { id: '7' }, { usage: { inputTokens: 1000, outputTokens: 0 } }), new ModelError('unavailable')));
    expect(statusCode).toBe(503);
    expect(await series('sluice_request_cost_dollars_sum')).toBeCloseTo(0.003, 9);
  });

  it('of a copy is counted apart', async () => {
    const { series } = await served(createScriptedModel(reply('Open.')), { to: 'mirror' });
    expect([await series('sluice_mirrored_request_cost_dollars_count'), await series('sluice_request_cost_dollars_count')]).toEqual([1, 0]);
  });

  it('is not there when no price is known: 0 would be a lie', async () => {
    const text = await createMetrics({ agent: 'a', revision: 'r', tools: [] }).registry.metrics();
    expect(text).not.toContain('request_cost_dollars');
  });

  it('leaves rejected requests out', async () => {
    const metrics = createMetrics({ agent: 'a', revision: 'r', tools: [], price });
    metrics.request('rejected', 0);
    expect(await metrics.registry.metrics()).toContain('sluice_request_cost_dollars_count 0');
  });

  it('has edges that rise, no more than are read', () => {
    expect(costBuckets.toSorted((left, right) => left - right)).toEqual(costBuckets);
    expect([new Set(costBuckets).size, costBuckets.length]).toEqual([39, 39]);
  });

  it('is never negative and grows with the tokens', () => {
    fc.assert(
      fc.property(fc.nat(1e7), fc.nat(1e7), fc.nat(1e6), (inputTokens, outputTokens, more) => {
        const cost = costOf({ inputTokens, outputTokens }, price);
        expect(cost).toBeGreaterThanOrEqual(0);
        expect(costOf({ inputTokens: inputTokens + more, outputTokens }, price)).toBeGreaterThanOrEqual(cost);
      }),
    );
  });
});
