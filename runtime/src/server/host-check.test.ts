import { describe, expect, it } from 'vitest';
import { readAllowedHosts, type AllowedHosts } from '../config/allowed-hosts.ts';
import { createHarness } from '../testing/app-harness.ts';
import { createScriptedModel, reply } from '../testing/scripted-model.ts';
import { noAccess } from './access/no-access.ts';

async function statusOf(allowedHosts: AllowedHosts | undefined, host: string, remoteAddress = '127.0.0.1'): Promise<number> {
  const { app } = await createHarness({ model: createScriptedModel(reply('Yes.')), ...(allowedHosts === undefined ? {} : { allowedHosts }) });
  return (await app.inject({ method: 'POST', url: '/v1/invoke', payload: { input: { text: 'x' } }, headers: { host }, remoteAddress })).statusCode;
}

const everybody: AllowedHosts = { names: [], of: 'everybody' };
const fromLoopback: AllowedHosts = { names: [], of: 'loopback' };

describe('an agent that everybody may ask', () => {
  it.each(['localhost:8080', '127.0.0.1:8080', '[::1]:8080', '10.0.3.7', 'agent.localhost', 'support', 'support.shop.svc', 'support.shop.svc.cluster.local:80', 'SUPPORT.shop.SVC.'])('is asked as %s', async (host) => {
    expect(await statusOf(everybody, host)).toBe(200);
  });

  it.each(['evil.example.com', 'evil.example.com:8080', '127.0.0.1.evil.example', 'localhost.evil.example', 'support.shop.svc.evil.example', 'a b'])('is not asked as %s, a name that a page may have chosen', async (host) => {
    expect(await statusOf(everybody, host)).toBe(403);
  });

  it('is asked by the names that are listed, and others are told where to list them', async () => {
    const listed: AllowedHosts = { names: ['agent.example.com'], of: 'everybody' };
    expect(await statusOf(listed, 'Agent.example.com:443', '10.0.0.9')).toBe(200);
    expect(await statusOf({ names: ['*'], of: 'everybody' }, 'evil.example.com')).toBe(200);
    const { app } = await createHarness({ model: createScriptedModel(), allowedHosts: listed });
    const refused = await app.inject({ url: '/v1/jobs', headers: { host: 'evil.example.com' } });
    expect([refused.statusCode, refused.json()]).toEqual([403, expect.objectContaining({ type: 'urn:sluice:problem:forbidden', field: 'Host', detail: expect.stringContaining('SLUICE_ALLOWED_HOSTS') })]);
  });

  it('in a cluster looks at what comes from the machine itself, as by kubectl port-forward: a Gateway asks by names that it does not know', async () => {
    for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) expect(await statusOf(fromLoopback, 'evil.example.com', address)).toBe(403);
    expect(await statusOf(fromLoopback, 'agent.example.com', '10.0.0.9')).toBe(200);
    expect(await statusOf(fromLoopback, 'localhost:8080')).toBe(200);
  });
});

it('where callers are told apart names do not matter: no page has credentials that nobody gave it', async () => {
  const { app } = await createHarness({ model: createScriptedModel(), access: noAccess, allowedHosts: everybody });
  expect((await app.inject({ url: '/healthz', headers: { host: 'evil.example.com' } })).statusCode).toBe(200);
});

it('the names are read of the environment', () => {
  expect(readAllowedHosts({})).toEqual(everybody);
  expect(readAllowedHosts({ KUBERNETES_SERVICE_HOST: '10.96.0.1' })).toEqual(fromLoopback);
  expect(readAllowedHosts({ KUBERNETES_SERVICE_HOST: '10.96.0.1', SLUICE_ALLOWED_HOSTS: ' Agent.example.com, b.example ' })).toEqual({ names: ['agent.example.com', 'b.example'], of: 'everybody' });
  expect(readAllowedHosts({ SLUICE_ALLOWED_HOSTS: '*' })).toEqual({ names: ['*'], of: 'everybody' });
  for (const value of ['https://a.example', 'a.example:8080', '*.example.com', 'a.example,*']) expect(() => readAllowedHosts({ SLUICE_ALLOWED_HOSTS: value })).toThrow(/SLUICE_ALLOWED_HOSTS holds what is no name of a host/);
});
