import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningSimulator, startSimulator } from '../../provider-simulator/running-simulator.ts';
import { simulatedBundle, startAgent } from '../agent-program.ts';
import type { Program } from '../program.ts';
import { checkConformance, type ConformanceCheck, type ProtocolRevision } from './conformance.ts';

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
const scenarios: readonly (readonly [ProtocolRevision, string])[] = [
  ['2025-11-25', 'server-initialize'],
  ['2025-11-25', 'ping'],
  ['2025-11-25', 'tools-list'],
  ['2025-11-25', 'server-sse-multiple-streams'],
  ['2025-11-25', 'dns-rebinding-protection'],
  ['2026-07-28', 'server-stateless'],
  ['2026-07-28', 'tools-list'],
  ['2026-07-28', 'server-sse-multiple-streams'],
  ['2026-07-28', 'dns-rebinding-protection'],
  ['2026-07-28', 'caching'],
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

describe('the official conformance client of MCP', { timeout: 400_000 }, () => {
  it.each(scenarios)('in revision %s finds nothing wrong by %s', async (revision, scenario) => {
    const checks = await checkConformance({ url: `${agent.url}/v1/mcp`, scenario, revision, signal: stop.signal });
    expect(checks.filter((check) => check.status === 'FAILURE' && !isAboutOthers(check))).toEqual([]);
    expect(checks.filter(({ status }) => status === 'SUCCESS').length).toBeGreaterThan(0);
  });
});
