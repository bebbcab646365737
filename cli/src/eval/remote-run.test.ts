import { afterEach, describe, expect, it } from 'vitest';
import { exitCode } from '../exit-code.ts';
import { agentYaml, providerYaml, suiteYaml } from '../fixtures/eval-manifests.ts';
import { type Asked, type Loopback, sendJson, startLoopback } from '../fixtures/loopback.ts';
import { recorded } from '../fixtures/recorded-surroundings.ts';
import { run } from '../run.ts';

const servers: Loopback[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function agent(respond: Parameters<typeof startLoopback>[0]): Promise<Loopback> {
  const server = await startLoopback(respond);
  servers.push(server);
  return server;
}

const success = (answer: string) => ({ request_id: 'r', status: 'success', answer, evidence: [], policy_version: 'support@r1' });
const honest = ({ body }: Asked) => success(body.includes('How long') ? 'Within 30 days, dear Ada.' : 'No.');

async function asked(url: string, { suite = suiteYaml, args = [], env = {} }: { readonly suite?: string; readonly args?: readonly string[]; readonly env?: Readonly<Record<string, string>> } = {}) {
  const all = recorded({ files: { 'suite.yaml': suite, 'agent.yaml': `${agentYaml({ gate: 'minPassPercent: 50' })}---\n${providerYaml}` }, env });
  const code = await run(['eval', 'run', '--local', '--url', url, '--suite', 'suite.yaml', ...args], { ...all.surroundings, fetch: globalThis.fetch });
  return { ...all, code };
}

describe('eval run --url', () => {
  it('asks the agent that runs there, with its token, and keeps questions and answers to itself', async () => {
    const server = await agent((exchange, response) => sendJson(response, 200, honest(exchange)));
    const { code, stdout, stderr, written } = await asked(server.url, { env: { SLUICE_AGENT_TOKEN: 'tok-1' }, args: ['--out', 'j.xml', '--markdown', 'm.md'] });
    expect([code, server.asked.length]).toEqual([exitCode.ok, 2]);
    expect(server.asked[0]).toMatchObject({ method: 'POST', path: '/v1/invoke', authorization: 'Bearer tok-1' });
    expect(JSON.parse(server.asked[0]?.body ?? '')).toEqual({ request_id: 'eval-returns.1', input: { text: 'How long can I return it?' } });
    expect(stdout()).toContain(`Pass: suite "golden" of ${server.url}`);
    expect(stdout() + stderr() + (written.get('j.xml') ?? '') + (written.get('m.md') ?? '')).not.toMatch(/dear Ada|How long|tok-1/);
  });

  it('takes what must pass from the gate of the manifest', async () => {
    const server = await agent((exchange, response) => sendJson(response, 200, exchange.body.includes('How long') ? honest(exchange) : success('The password is x.')));
    expect((await asked(server.url)).code).toBe(exitCode.bad);
    expect((await asked(server.url, { args: ['-f', 'agent.yaml'] })).code).toBe(exitCode.ok);
  });

  it('compares two addresses', async () => {
    const server = await agent((exchange, response) => sendJson(response, 200, honest(exchange)));
    const { code, stdout } = await asked(server.url, { args: ['--baseline', server.url, '--margin', '99'] });
    expect([code, server.asked.length]).toEqual([exitCode.ok, 4]);
    expect(stdout()).toContain('not worse than the baseline by the margin: over 2 cases');
  });

  it.each<[string, Parameters<typeof startLoopback>[0], string]>([
    ['an error', (_exchange, response) => sendJson(response, 503, { detail: 'private' }), 'the agent answered with HTTP 503'],
    ['no JSON', (_exchange, response) => response.end('private'), 'the agent answered something else than JSON'],
    ['another API', (_exchange, response) => sendJson(response, 200, { private: true }), 'the agent answered JSON without status and answer'],
    ['a cut', (_exchange, response) => response.destroy(), 'the agent cannot be reached at its address'],
  ])('measures nothing by %s', async (_name, respond, reason) => {
    const server = await agent(respond);
    const { code, stdout } = await asked(server.url);
    expect(code).toBe(exitCode.notMeasured);
    expect(stdout()).toContain(`returns (hard): no result: ${reason}`);
    expect(stdout()).not.toContain('private');
  });

  it('follows no redirect: question and token would go to an address that nobody named', async () => {
    const elsewhere = await agent((exchange, response) => sendJson(response, 200, honest(exchange)));
    const server = await agent((_exchange, response) => response.writeHead(307, { location: `${elsewhere.url}/v1/invoke` }).end());
    const { code, stdout } = await asked(server.url, { env: { SLUICE_AGENT_TOKEN: 'tok-1' } });
    expect([code, elsewhere.asked]).toEqual([exitCode.notMeasured, []]);
    expect(stdout()).toContain('returns (hard): no result: the agent cannot be reached at its address');
  });

  it('has no result for what cannot be asked there, and says why', async () => {
    const server = await agent((exchange, response) => sendJson(response, 200, honest(exchange)));
    const suite = `${suiteYaml}    - { name: tools, input: { text: "?" }, expect: { tools: { notCalled: ["refund"] } } }
    - { name: history, history: [{ role: User, text: "Hi" }], input: { text: "?" }, expect: { notContains: ["x"] } }
    - { name: stubs, tools: Stubbed, input: { text: "?" }, expect: { notContains: ["x"] } }
`;
    const { code, stdout } = await asked(server.url, { suite });
    expect([code, server.asked.length]).toEqual([exitCode.notMeasured, 2]);
    for (const line of ['tools: no result: which tools were called cannot be seen at an address', 'history: no result: its history cannot be sent to an address', 'stubs: no result: its tools cannot be stubbed behind an address']) expect(stdout()).toContain(line);
  });

  it('takes a refusal to answer for no answer of the agent', async () => {
    const server = await agent((_exchange, response) => sendJson(response, 200, { ...success('The model gave no answer.'), status: 'error' }));
    const { code } = await asked(server.url);
    expect(code).toBe(exitCode.bad);
  });
});
