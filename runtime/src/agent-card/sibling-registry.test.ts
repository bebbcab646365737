import { AgentCard } from '@a2a-js/sdk';
import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../platform/clock-fake.ts';
import { createFakeTransport, type Answer } from '../testing/fake-transport.ts';
import { bundleFixture } from '../testing/bundle-fixture.ts';
import { interfacesBundle } from '../testing/interfaces-fixture.ts';
import { createHarness } from '../testing/app-harness.ts';
import { createScriptedModel, reply } from '../testing/scripted-model.ts';
import { agentCard } from './agent-card.ts';
import { readCard } from './read-card.ts';
import { createSiblingRegistry, freshMilliseconds } from './sibling-registry.ts';

const billing = { name: 'billing', url: 'http://billing.shop.svc' };

function cardText(name = 'billing', revision = 'r7'): string {
  const bundle = bundleFixture({ agent: { namespace: 'shop', name } });
  return JSON.stringify(AgentCard.toJSON(agentCard({ bundle, interfaces: { description: 'Sends invoices.', url: `http://${name}.shop.svc`, a2a: {} }, revision, access: 'open' })));
}

function registryOf(...answers: readonly Answer[]) {
  const transport = createFakeTransport(...answers);
  const clock = createFakeClock();
  return { registry: createSiblingRegistry({ siblings: [billing], transport, clock }), transport, clock };
}

describe('a sibling', () => {
  it('is known by its card, from its Service and nowhere else', async () => {
    const { registry, transport } = registryOf({ body: cardText() });
    expect(await registry.list()).toMatchObject([{ ...billing, state: 'ready', card: { description: 'Sends invoices.', version: 'r7', policyVersion: 'billing@r7', skills: [{ id: 'billing' }] } }]);
    expect(transport.requests.map(({ url, egress }) => [url.href, egress])).toEqual([['http://billing.shop.svc/.well-known/agent-card.json', { allowedHosts: ['billing.shop.svc'], ownPort: '' }]]);
  });

  it('is asked once in a while, and once for all who want to know', async () => {
    const { registry, transport, clock } = registryOf({ body: cardText() }, { body: cardText('billing', 'r8') });
    await Promise.all([registry.list(), registry.list()]);
    clock.advance(freshMilliseconds - 1);
    await registry.list();
    expect(transport.requests).toHaveLength(1);
    clock.advance(1);
    expect(await registry.list()).toMatchObject([{ card: { version: 'r8' } }]);
    expect(transport.requests).toHaveLength(2);
    expect(clock.pending()).toBe(0);
  });

  it('that is away is told as such, with its last card', async () => {
    const { registry, clock } = registryOf({ body: cardText() }, new Error('ECONNREFUSED 10.1.2.3:80'));
    await registry.list();
    clock.advance(freshMilliseconds);
    expect(await registry.list()).toMatchObject([{ state: 'unreachable', reason: 'no connection', card: { version: 'r7' } }]);
  });

  it('that does not answer in time holds nobody up', async () => {
    const { registry, clock } = registryOf(() => new Promise(() => {}));
    const listing = registry.list();
    clock.advance(2_000);
    expect(await listing).toMatchObject([{ state: 'unreachable', reason: 'no answer in time' }]);
  });

  it.each<[string, Answer, string]>([
    ['answers otherwise', { status: 404, body: 'no' }, 'it answers 404'],
    ['has no JSON', { body: '<html>' }, 'none of A2A 1.0'],
    ['has a card of 0.3', { body: JSON.stringify({ name: 'billing', description: 'x', url: 'http://x', version: '1', protocolVersion: '0.3.0', skills: [] }) }, 'supportedInterfaces'],
    ['has the card of another agent', { body: cardText('shipping') }, 'another agent'],
    ['has an endless card', { body: 'x'.repeat(300_000) }, 'larger than'],
  ])('that %s has no card', async (_, answer, reason) => {
    const [sibling] = await registryOf(answer).registry.list();
    expect(sibling).toMatchObject({ ...billing, state: 'no-card', reason: expect.stringContaining(reason) });
    expect(sibling?.card).toBeUndefined();
  });

  it('of another make may have a card without a policy', () => {
    const card = { name: 'billing', description: 'Bills.', version: '2', supportedInterfaces: [{ url: 'https://b.example.com', protocolBinding: 'GRPC', protocolVersion: '1.0' }], skills: [{ id: 'a', name: 'A', description: 'Does A.' }] };
    expect(readCard(JSON.stringify(card), 'billing')).toMatchObject({ version: '2', policyVersion: undefined, skills: [{ id: 'a', tags: [] }] });
  });
});

describe('GET /v1/agents', () => {
  it('lists the agent with its interfaces, and its siblings', async () => {
    const bundle = interfacesBundle({ siblings: [billing] });
    const { app } = await createHarness({ bundle, model: createScriptedModel(reply('Hello.')), transport: createFakeTransport({ body: cardText() }) });
    const response = await app.inject({ url: '/v1/agents' });
    expect(response.json()).toMatchObject({
      agents: [
        {
          name: 'support',
          self: true,
          state: 'ready',
          policy_version: 'support@r1',
          interfaces: [{ url: 'http://support.shop.svc/v1/a2a', binding: 'JSONRPC', version: '1.0' }, { url: 'http://support.shop.svc/v1/mcp', binding: 'MCP', version: '2026-07-28' }],
        },
        { name: 'billing', self: false, state: 'ready', version: 'r7', policy_version: 'billing@r7', interfaces: [{ url: 'http://billing.shop.svc/v1/a2a' }] },
      ],
    });
  });

  it('is not there for an agent without interfaces', async () => {
    const { app } = await createHarness({ model: createScriptedModel(reply('Hello.')) });
    for (const url of ['/v1/agents', '/v1/mcp', '/.well-known/agent-card.json']) expect((await app.inject({ url })).statusCode).toBe(404);
  });
});
