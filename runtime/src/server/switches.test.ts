import { describe, expect, it } from 'vitest';
import { bundleFixture, ticketTool } from '../testing/bundle-fixture.ts';
import { createFakeTransport } from '../testing/fake-transport.ts';
import { createHarness, type Harness } from '../testing/app-harness.ts';
import { createScriptedModel, reply, toolTurn, type ScriptedTurn } from '../testing/scripted-model.ts';
import { openAccess } from './access/open-access.ts';
import { withFlags } from './access/with-flags.ts';
import type { FlagName } from '../config/live/flag-table.ts';

async function rigWithout(flag: FlagName, ...script: readonly ScriptedTurn[]): Promise<Harness & { readonly on: () => void }> {
  let value = false;
  const access = withFlags(openAccess, () => ({ flags: { [flag]: value }, tenants: {} }));
  const write = ticketTool({ name: 'ticket_close', effect: 'Write' });
  const harness = await createHarness({ model: createScriptedModel(...script), access, bundle: bundleFixture({ tools: [ticketTool(), write] }), transport: createFakeTransport() });
  return {
    ...harness,
    on: () => {
      value = true;
    },
  };
}

const payload = { input: { text: 'How long?' } };

describe('switches', () => {
  it('off for answers: no protocol answers, and it counts as no failure', async () => {
    const rig = await rigWithout('answers', reply('Thirty days.'));
    for (const [url, body] of [['/v1/invoke', payload], ['/v1/stream', payload], ['/v1/chat/completions', { model: 'support', messages: [{ role: 'user', content: 'How long?' }] }]] as const) {
      const refused = await rig.app.inject({ method: 'POST', url, payload: body });
      expect([url, refused.statusCode, refused.headers['retry-after']]).toEqual([url, 503, '60']);
    }
    expect([await rig.series('sluice_requests_total{outcome="rejected"}'), await rig.series('sluice_requests_total{outcome="error"}')]).toEqual([3, 0]);
    rig.on();
    expect((await rig.app.inject({ method: 'POST', url: '/v1/invoke', payload })).json()).toMatchObject({ status: 'success', answer: 'Thirty days.' });
  });

  it('off for streaming: the answer comes whole at the end', async () => {
    const rig = await rigWithout('streaming', reply('Thirty days.'));
    const { body } = await rig.app.inject({ method: 'POST', url: '/v1/stream', payload });
    expect(body).not.toContain('event: delta');
    expect(body).toContain('Thirty days.');
  });

  it('off for jobs: none is taken in', async () => {
    const rig = await rigWithout('jobs', reply('Thirty days.'));
    expect((await rig.app.inject({ method: 'POST', url: '/v1/jobs', payload })).json()).toMatchObject({ type: 'urn:sluice:problem:switched-off', status: 503 });
    rig.on();
    expect((await rig.app.inject({ method: 'POST', url: '/v1/jobs', payload })).statusCode).toBe(202);
  });

  it('off for writes: reads go on, a write is refused in words for the model', async () => {
    const rig = await rigWithout('writes', toolTurn('ticket_close', { id: '7' }), reply('Nothing was changed.'));
    expect((await rig.app.inject({ method: 'POST', url: '/v1/invoke', payload })).json()).toMatchObject({ status: 'degraded', answer: 'Nothing was changed.', evidence: [] });
    expect(rig.logs()).toContainEqual(expect.objectContaining({ msg: 'tool call failed', tool: 'ticket_close', reason: expect.stringContaining('switched off') }));
  });
});
