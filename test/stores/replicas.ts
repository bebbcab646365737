import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { AgentBundle, BundleTool } from '@sluice/crds';
import { digestOfKey } from '../../runtime/src/server/access/api-keys.ts';
import { type LoopbackServer, sendJson, startLoopbackServer } from '../../runtime/src/testing/loopback-server.ts';
import { type RunningSimulator, startSimulator } from '../provider-simulator/running-simulator.ts';
import { simulatedBundle, startAgent } from '../runtime-proof/agent-program.ts';
import type { Program } from '../runtime-proof/program.ts';
import { startPostgres } from './postgres-server.ts';
import type { TestServer } from './server-process.ts';
import { startValkey } from './valkey-server.ts';

/** Callers by their keys. */
export const keys = { ann: 'key-of-ann', boss: 'key-of-boss', eve: 'key-of-eve', few: 'key-of-few', poor: 'key-of-poor' } as const;
export type CallerName = keyof typeof keys;
/** Requests of the tenant `few` in a minute. */
export const fewRequests = 6;

export interface StartReplica {
  readonly command?: 'serve' | 'worker';
  readonly environment?: Readonly<Record<string, string>>;
  readonly bundle?: Partial<AgentBundle>;
}

/** Processes of one agent over one Postgres and one Valkey. */
export interface Replicas {
  readonly postgres: TestServer;
  readonly valkey: TestServer;
  readonly simulator: RunningSimulator;
  /** Every refund that reached the receiver, in order, by the key of its request. */
  readonly refunds: () => readonly string[];
  readonly start: (options?: StartReplica) => Promise<Program>;
  /** Ends the processes of a test. */
  readonly stopAll: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Long enough that a worker can be ended while it waits for the receiver. Milliseconds. */
const refundMs = 1_500;

const access = {
  keys: [
    { id: 'ann', sha256: digestOfKey(keys.ann), tenant: 'shop', roles: [] },
    { id: 'boss', sha256: digestOfKey(keys.boss), tenant: 'shop', roles: ['approver'] },
    { id: 'eve', sha256: digestOfKey(keys.eve), tenant: 'rival', roles: ['approver'] },
    { id: 'few', sha256: digestOfKey(keys.few), tenant: 'few', roles: [] },
    { id: 'poor', sha256: digestOfKey(keys.poor), tenant: 'poor', roles: [] },
  ],
  tenants: { few: { requestsPerMinute: fewRequests } },
};

function refundTool(receiver: string): BundleTool {
  return {
    name: 'refund',
    description: 'Refund an order by its number.',
    parameters: { type: 'object', properties: { order_id: { type: 'string' } }, required: ['order_id'] },
    http: { method: 'POST', url: `${receiver}/refunds`, allowedHosts: ['127.0.0.1'] },
    timeoutMs: 60_000,
    effect: 'Write',
    idempotent: true,
  };
}

/** The same, which a person must approve. */
function cancelTool(receiver: string): BundleTool {
  const tool = refundTool(receiver);
  return { ...tool, name: 'cancel', description: 'Cancel an invoice by its number.', parameters: { type: 'object', properties: { invoice_id: { type: 'string' } }, required: ['invoice_id'] }, write: { approval: { when: 'Always', timeoutMs: 600_000 } } };
}

async function startReceiver(): Promise<LoopbackServer> {
  return await startLoopbackServer((_exchange, response) => void wait(refundMs).then(() => sendJson(response, 200, { done: true })));
}

export async function openReplicas(signal: AbortSignal): Promise<Replicas> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-replicas-'));
  const accessFile = join(folder, 'access.json');
  await writeFile(accessFile, JSON.stringify(access));
  const [postgres, valkey, simulator, receiver] = [await startPostgres(signal), await startValkey(signal), await startSimulator(), await startReceiver()];
  const started: Program[] = [];
  const bundle = simulatedBundle(simulator.url, { tools: [refundTool(receiver.url), cancelTool(receiver.url)] });
  const state = { SLUICE_STORE: postgres.url, SLUICE_REDIS: valkey.url, SLUICE_ACCESS_FILE: accessFile, SLUICE_ANONYMOUS_ACCESS: 'Denied' };
  const stopAll = async (): Promise<void> => {
    await Promise.all(started.splice(0).map((each) => each.stop()));
  };
  return {
    postgres,
    valkey,
    simulator,
    refunds: () => receiver.exchanges.map(({ headers }) => String(headers['idempotency-key'])),
    start: async ({ command = 'serve', environment = {}, bundle: changes = {} } = {}) => {
      const program = await startAgent({ bundle: { ...bundle, ...changes }, command, environment: { ...state, SLUICE_JOB_CONCURRENCY: command === 'worker' ? '4' : '0', ...environment }, signal });
      started.push(program);
      return program;
    },
    stopAll,
    close: async () => {
      await stopAll();
      await receiver.close();
      await simulator.close();
      await valkey.stop();
      await postgres.stop();
      await rm(folder, { recursive: true });
    },
  };
}

export interface Asked {
  readonly caller?: CallerName;
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Milliseconds; ends what hangs. */
const askLimit = 60_000;

/** Asks one replica. */
export async function ask({ url }: Pick<Program, 'url'>, { caller = 'ann', method = 'POST', path, body, headers = {} }: Asked): Promise<Response> {
  const content = body === undefined ? {} : { body: JSON.stringify(body) };
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  return await fetch(`${url}${path}`, { method, headers: { authorization: `Bearer ${keys[caller]}`, ...type, ...headers }, signal: AbortSignal.timeout(askLimit), ...content });
}

/** The JSON that a replica answers. */
export async function told(replica: Pick<Program, 'url'>, asked: Asked): Promise<unknown> {
  return await (await ask(replica, asked)).json();
}

export function question(text: string, session?: string): object {
  return { input: { text }, ...(session === undefined ? {} : { session_id: session }) };
}
