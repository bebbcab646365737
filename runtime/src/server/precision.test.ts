import { describe, expect, it } from 'vitest';
import { createHarness } from '../testing/app-harness.ts';
import { bundleFixture, ticketTool } from '../testing/bundle-fixture.ts';
import { createFakeTransport } from '../testing/fake-transport.ts';
import { createScriptedModel, reply, toolTurn } from '../testing/scripted-model.ts';

const tools = [ticketTool({ name: 'live' }), ticketTool({ name: 'cached' })];
const policies = [{ name: 'direct', tools: ['live'] }, { name: 'fallback', tools: ['cached'] }];

describe('precision of a served agent', () => {
  it('is in the metrics by the names of its users, and a change of ways in the log', async () => {
    const model = createScriptedModel(...Array.from({ length: 3 }, () => [toolTurn('live', { id: '7' }), reply('No luck.')]).flat());
    const bundle = bundleFixture({ tools, precision: { thresholdPercent: 60, policies } });
    const app = await createHarness({ model, bundle, transport: createFakeTransport({ status: 500, body: 'broken' }) });
    expect(await app.series('lrs_precision_value{level="execution"}')).toBe(0.75);
    expect(await app.series('lrs_adaptation_events_total')).toBe(0);
    expect(await app.series('lrs_tool_execution_total{tool="cached",success="true"}')).toBe(0);
    const before = await app.series('lrs_g_value{policy_id="direct"}');
    for (let request = 0; request < 3; request += 1) await app.app.inject({ method: 'POST', url: '/v1/invoke', payload: { input: { text: 'Ticket 7?' } } });
    expect(await app.series('lrs_adaptation_events_total')).toBe(1);
    expect(await app.series('lrs_tool_execution_total{tool="live",success="false"}')).toBeGreaterThanOrEqual(1);
    expect(await app.series('lrs_precision_value{level="execution"}')).toBeLessThan(0.6);
    expect(await app.series('lrs_precision_value{level="abstract"}')).toBeGreaterThan((await app.series('lrs_precision_value{level="execution"}'))!);
    expect(await app.series('lrs_g_value{policy_id="direct"}')).toBeGreaterThan(before!);
    expect(app.logs().find((line) => line['event_type'] === 'adaptation')).toMatchObject({ agent_id: 'shop/support', session_id: expect.any(String), data: { trigger: 'high_prediction_error', action: 'switched_to_fallback' } });
    // The next request begins with the other policy.
    expect(model.requests.at(-1)?.tools.map(({ name }) => name)).toEqual(['cached']);
  });

  it('is not there where it was not asked for', async () => {
    const app = await createHarness({ model: createScriptedModel(reply('Hello.')), bundle: bundleFixture({ tools }) });
    expect(await app.series('lrs_adaptation_events_total')).toBeUndefined();
  });
});
