import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningSimulator, startSimulator } from '../../provider-simulator/running-simulator.ts';
import { simulatedBundle, startAgent } from '../agent-program.ts';
import type { Program } from '../program.ts';
import { checkClient, checkServer, listScenarios, type ConformanceCheck, type ProtocolRevision } from './conformance.ts';

const stop = new AbortController();
let simulator: RunningSimulator;
let agent: Program;

beforeAll(async () => {
  simulator = await startSimulator();
  const interfaces = (url: string) => ({ description: 'Helps customers of the shop.', url, mcp: { tool: 'support', allowedOrigins: [url, url.replace('127.0.0.1', 'localhost')] } });
  agent = await startAgent({ bundle: (url) => simulatedBundle(simulator.url, { interfaces: interfaces(url) }), signal: stop.signal });
}, 240_000);

afterAll(async () => {
  stop.abort();
  await agent?.stop();
  await simulator?.close();
}, 60_000);

/** Of servers that have one tool, answer over HTTP and offer neither resources nor prompts: the agent as a tool. */
const serverScenarios: readonly (readonly [ProtocolRevision, string])[] = [
  ['2025-06-18', 'server-initialize'],
  ['2025-06-18', 'ping'],
  ['2025-06-18', 'tools-list'],
  ['2025-11-25', 'server-initialize'],
  ['2025-11-25', 'server-session-lifecycle'],
  ['2025-11-25', 'ping'],
  ['2025-11-25', 'tools-list'],
  ['2025-11-25', 'server-sse-multiple-streams'],
  ['2025-11-25', 'dns-rebinding-protection'],
  ['2026-07-28', 'server-stateless'],
  ['2026-07-28', 'tools-list'],
  ['2026-07-28', 'server-sse-multiple-streams'],
  ['2026-07-28', 'dns-rebinding-protection'],
  ['2026-07-28', 'caching'],
  ['2026-07-28', 'http-header-validation'],
  ['2026-07-28', 'input-required-result-unsupported-methods'],
];

/** Of clients that call tools; that of an agent never asks a person, and has its credentials from its bundle. */
const clientScenarios: readonly (readonly [ProtocolRevision, string])[] = [
  ['2025-11-25', 'initialize'],
  ['2025-11-25', 'tools_call'],
  ['2026-07-28', 'tools_call'],
  ['2025-11-25', 'sse-retry'],
  ['2026-07-28', 'request-metadata'],
  ['2026-07-28', 'http-standard-headers'],
  ['2026-07-28', 'http-custom-headers'],
  ['2026-07-28', 'http-invalid-tool-headers'],
  ['2026-07-28', 'json-schema-ref-no-deref'],
];

type Reasons = readonly (readonly [beginning: string, why: string])[];

/** What the rest is about, by the beginnings of the names. */
const notForServer: Reasons = [
  ['tools-call-', 'call tools of the reference server by their names, without the text that the tool of an agent asks for'],
  ['json-schema-2020-12', 'asks for a tool of the reference server'],
  ['http-custom-header-server-validation', 'asks for a tool whose parameters are headers, which that of an agent has none of'],
  ['server-sse-polling', 'a call is one answer: its stream is neither closed nor taken up again, which the revision leaves to the server (it gives warnings and nothing else)'],
  ['logging-set-level', 'the agent offers no logging: what it logs is its operator\'s'],
  ['completion-complete', 'the agent offers no completions'],
  ['elicitation-', 'the agent asks its caller for nothing in between'],
  ['input-required-result-', 'call tools of the reference server that ask their caller for more'],
  ['resources-', 'the agent offers no resources'],
  ['sep-2164-', 'the agent offers no resources'],
  ['prompts-', 'the agent offers no prompts'],
  ['sep-2640-', 'an extension (skills) that the agent does not declare'],
  ['tasks-', 'an extension (tasks) that the agent does not declare; A2A has tasks'],
];

const notForClient: Reasons = [
  ['elicitation-', 'the client declares no elicitation: there is nobody to ask'],
  ['sep-2322-', 'a server that wants more input is told as a failed call to the model (autoFulfill: false): there is nobody to ask'],
  ['auth/', 'credentials come from the bundle (header, or OAuth client credentials at a token endpoint that it names): what a server says of others is not followed'],
  ['json-schema-2020-12-preservation', 'is about lists that are shown again unchanged; the client keeps the schemas of tools that its bundle names alone'],
  ['sep-2640-', 'an extension (skills) that the client does not declare'],
];

/** Told of servers that lack what a requirement is about, which no server must have. */
const aboutOthers: Readonly<Record<string, string>> = {
  'sep-2575-server-rejects-undeclared-capability': 'asks for a tool of the reference server',
  'sep-2575-missing-capability-http-400': 'asks for a tool of the reference server',
  'sep-2575-http-server-no-independent-requests-on-stream': 'asks for a tool of the reference server',
  'sep-2575-server-no-log-without-loglevel': 'asks for a tool of the reference server',
  'sep-2575-server-sends-subscription-ack': 'nothing of an agent changes while it runs, so it declares no changes and takes no subscriptions',
  'sep-2575-server-tags-subscription-id': 'it takes no subscriptions',
};

/** The scenario about caching also lists resources and prompts, which an agent does not have. */
function isAboutOthers({ id, errorMessage = '' }: ConformanceCheck): boolean {
  return id in aboutOthers || /(resources|prompts)\/(templates\/)?(list|read) returned JSON-RPC error -32601/.test(errorMessage) || /no resource/i.test(errorMessage);
}

function failuresOf(checks: readonly ConformanceCheck[]): readonly ConformanceCheck[] {
  return checks.filter((check) => check.status === 'FAILURE' && !isAboutOthers(check));
}

describe('the official conformance client of MCP', { timeout: 400_000 }, () => {
  it.each(serverScenarios)('in revision %s finds nothing wrong by %s', async (revision, scenario) => {
    const checks = await checkServer(`${agent.url}/v1/mcp`, { scenario, revision, signal: stop.signal });
    expect(failuresOf(checks)).toEqual([]);
    expect(checks.filter(({ status }) => status === 'SUCCESS').length).toBeGreaterThan(0);
  });

  it('has no scenario that is neither run nor known not to apply', async () => {
    const { server, client } = await listScenarios(stop.signal);
    const unknown = (names: readonly string[], run: typeof serverScenarios, reasons: Reasons): readonly string[] => names.filter((name) => !run.some(([, each]) => each === name) && !reasons.some(([beginning]) => name.startsWith(beginning)));
    expect([server.length > 50, client.length > 30]).toEqual([true, true]);
    expect([unknown(server, serverScenarios, notForServer), unknown(client, clientScenarios, notForClient)]).toEqual([[], []]);
  });
});

describe('the client of the agent before the official conformance server of MCP', { timeout: 400_000 }, () => {
  it.each(clientScenarios)('in revision %s does nothing wrong by %s', async (revision, scenario) => {
    const checks = await checkClient({ scenario, revision, signal: stop.signal });
    expect(checks.filter(({ status }) => status === 'FAILURE')).toEqual([]);
    expect(checks.filter(({ status }) => status === 'SUCCESS').length).toBeGreaterThan(0);
  });
});
