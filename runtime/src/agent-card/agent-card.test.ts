import { AgentCard } from '@a2a-js/sdk';
import { DefaultAgentCardResolver } from '@a2a-js/sdk/client';
import { afterEach, describe, expect, it } from 'vitest';
import { interfacesBundle, listen, type ListeningHarness } from '../testing/interfaces-fixture.ts';
import { createScriptedModel, reply } from '../testing/scripted-model.ts';
import { agentCard, type CardOptions } from './agent-card.ts';
import { cardPath } from './well-known.ts';

function cardOf(changes: Partial<CardOptions> = {}, bundle = interfacesBundle()): AgentCard {
  const { interfaces } = bundle;
  if (interfaces === undefined) throw new Error('the fixture has interfaces');
  return agentCard({ bundle, interfaces, revision: 'r1', access: 'open', ...changes });
}

describe('the card of an agent', () => {
  it('says who answers, in which revision, where and how', () => {
    expect(cardOf()).toMatchObject({
      name: 'support',
      description: 'Helps customers of the shop.',
      version: 'r1',
      supportedInterfaces: [{ url: 'http://support.shop.svc/v1/a2a', protocolBinding: 'JSONRPC', protocolVersion: '1.0' }],
      capabilities: { streaming: true, pushNotifications: false, extensions: [{ params: { namespace: 'shop', agent: 'support', revision: 'r1', policyVersion: 'support@r1' } }] },
      securityRequirements: [],
    });
  });

  it('has one skill where the agent names none, and those that it names', () => {
    expect(cardOf().skills).toMatchObject([{ id: 'support', description: 'Helps customers of the shop.' }]);
    const skills = [{ id: 'refunds', name: 'Refunds', description: 'Pays refunds.', tags: ['refund'], examples: ['Where is my money?'] }];
    expect(cardOf({}, interfacesBundle({ a2a: { skills } })).skills).toMatchObject(skills);
  });

  it('asks for credentials where the agent does', () => {
    const card = cardOf({ access: 'closed' });
    expect(card.securityRequirements).toEqual([{ schemes: { bearer: { list: [] } } }]);
    expect(AgentCard.toJSON(card)).toMatchObject({ securitySchemes: { bearer: { httpAuthSecurityScheme: { scheme: 'Bearer' } } } });
  });

  it('holds nothing of the prompt', () => {
    expect(JSON.stringify(AgentCard.toJSON(cardOf()))).not.toContain(interfacesBundle().prompt);
  });
});

describe('the well-known path', () => {
  let harness: ListeningHarness;

  afterEach(async () => {
    await harness?.close();
  });

  it('gives the card to the client of the protocol', async () => {
    harness = await listen({ model: createScriptedModel(reply('Hello.')) });
    expect(await new DefaultAgentCardResolver().resolve(harness.url)).toMatchObject({ name: 'support', version: 'r1', supportedInterfaces: [{ protocolVersion: '1.0' }] });
  });

  it('may be kept by caches, which ask whether it has changed', async () => {
    harness = await listen({ model: createScriptedModel(reply('Hello.')) });
    const first = await fetch(`${harness.url}${cardPath}`);
    expect(first.headers.get('cache-control')).toBe('public, max-age=60');
    expect(first.headers.get('content-type')).toContain('application/json');
    const again = await harness.app.inject({ url: cardPath, headers: { 'if-none-match': first.headers.get('etag') ?? '' } });
    expect(again.statusCode).toBe(304);
    expect(again.body).toBe('');
  });

  it('has no card of an agent without the protocol', async () => {
    harness = await listen({ bundle: interfacesBundle({ a2a: undefined }), model: createScriptedModel(reply('Hello.')) });
    expect((await harness.app.inject({ url: cardPath })).statusCode).toBe(404);
    expect((await harness.app.inject({ method: 'POST', url: '/v1/a2a', payload: {} })).statusCode).toBe(404);
  });
});
