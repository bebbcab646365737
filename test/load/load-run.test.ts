import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { seededRandom } from '../provider-simulator/seeded-random.ts';
import { builtInMix } from './built-in-mix.ts';
import { systemClock, type Clock } from './clock.ts';
import { createInvoke, type Invoke } from './invoke.ts';
import { runLoad, type LoadRunOptions } from './load-run.ts';
import type { InvokeBody } from './mix.ts';
import { loadReportSchema, type LoadReport } from './report.ts';

const options: LoadRunOptions = { rate: 100, durationSeconds: 1, maxInFlight: 1000, mix: builtInMix, runId: 'test' };
const never = new AbortController().signal;

/** Time moves only when the run sleeps. */
function steppedClock(): Clock {
  let now = 0;
  return {
    now: () => now,
    sleep: async (milliseconds) => {
      now += milliseconds;
      await new Promise(setImmediate);
    },
  };
}

async function run(invoke: Invoke, given: Partial<LoadRunOptions> = {}, parts: { readonly clock?: Clock; readonly signal?: AbortSignal } = {}): Promise<LoadReport[]> {
  const reports: LoadReport[] = [];
  await runLoad({ ...options, ...given }, { invoke, clock: steppedClock(), random: seededRandom(1), emit: (report) => reports.push(report), signal: never, ...parts });
  return reports;
}

describe('runLoad', () => {
  it('is open loop: the rate holds, and a line comes each second', async () => {
    const reports = await run(async () => ({ revision: 'v1', outcome: { ok: true } }), { rate: 7, durationSeconds: 3 });
    expect(reports.map(({ final, sent }) => [final, sent])).toEqual([
      [false, 8],
      [false, 15],
      [true, 21],
    ]);
    expect(reports.at(-1)).toMatchObject({ succeeded: 21, inFlight: 0, revisions: { v1: { succeeded: 21 } } });
  });

  it('drops what is too much in flight, and says so', async () => {
    const gate = Promise.withResolvers<void>();
    let draws = 0;
    const random = (): number => {
      draws += 1;
      // Four draws plan a request: the hundredth and last is being planned.
      if (draws === 400) setImmediate(gate.resolve);
      return 0.5;
    };
    const invoke: Invoke = async () => gate.promise.then(() => ({ revision: 'v1', outcome: { ok: true } }));
    expect(await runLoad({ ...options, maxInFlight: 3 }, { clock: steppedClock(), random, signal: never, emit: () => undefined, invoke })).toMatchObject({ sent: 3, dropped: 97, succeeded: 3, inFlight: 0, final: true });
  });

  it('stops at the signal and still accounts for what is in flight', async () => {
    const stop = new AbortController();
    let calls = 0;
    const invoke: Invoke = async () => {
      calls += 1;
      if (calls === 10) stop.abort();
      await new Promise(setImmediate);
      return { revision: undefined, outcome: { ok: false, reason: 'timeout', detail: '' } };
    };
    const reports = await run(invoke, { durationSeconds: undefined }, { signal: stop.signal });
    expect(reports.at(-1)).toMatchObject({ final: true, sent: 10, failed: 10, inFlight: 0, revisions: { none: { failures: { timeout: 10 } } } });
  });
});

describe('against a server that fails some requests', () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
  });

  async function listen(answer: (index: number, body: InvokeBody, response: ServerResponse, request: IncomingMessage) => void): Promise<URL> {
    let index = 0;
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => answer(index++, JSON.parse(Buffer.concat(chunks).toString()) as InvokeBody, response, request));
    });
    await new Promise<void>((resolve) => {
      server?.listen(0, '127.0.0.1', resolve);
    });
    return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  }

  function succeed(body: InvokeBody, response: ServerResponse, type: string): void {
    const result = JSON.stringify({ request_id: body.request_id, status: 'success', answer: 'Yes.', evidence: [], policy_version: 'p1' });
    response.setHeader('content-type', type);
    response.end(type === 'text/event-stream' ? `event: delta\ndata: {}\n\nevent: result\ndata: ${result}\n\n` : result);
  }

  it('counts exactly', { timeout: 30_000 }, async () => {
    const connections = new Set<unknown>();
    const url = await listen((index, body, response, request) => {
      connections.add(request.socket);
      response.setHeader('x-sluice-revision', index % 2 === 0 ? 'v1' : 'v2');
      const kind = index % 10;
      if (kind === 3) response.writeHead(503).end('busy');
      else if (kind === 5) response.end('{}');
      else if (kind === 6) request.socket.destroy();
      else if (kind === 7) response.end(JSON.stringify({ request_id: body.request_id, status: 'error', answer: '', evidence: [], policy_version: 'p1' }));
      else if (kind === 8) response.write('{"half":');
      else succeed(body, response, request.headers.accept ?? '');
    });
    const reports = await run(createInvoke({ url, connections: 'per-request', timeoutMs: 3000 }), {}, { clock: systemClock });
    const final = reports.at(-1)!;
    expect(loadReportSchema.parse(final)).toEqual(final);
    expect(final).toMatchObject({ final: true, sent: 100, succeeded: 50, failed: 50, inFlight: 0, dropped: 0 });
    expect(final.failures).toEqual({ http_503: 10, bad_body: 10, connection_reset: 10, status_not_success: 10, timeout: 10 });
    expect(final.revisions['v1']).toMatchObject({ succeeded: 30, failed: 10, failures: { timeout: 10 } });
    expect(final.revisions['v2']).toMatchObject({ succeeded: 20, failed: 30, failures: { http_503: 10, bad_body: 10, status_not_success: 10 } });
    expect(final.revisions['none']).toMatchObject({ succeeded: 0, failed: 10, failures: { connection_reset: 10 } });
    expect(connections.size).toBe(100);
  });

  it('reuses connections when asked to', async () => {
    const connections = new Set<unknown>();
    const url = await listen((_index, body, response, request) => {
      connections.add(request.socket);
      succeed(body, response, 'application/json');
    });
    const invoke = createInvoke({ url, connections: 'keep-alive', timeoutMs: 5000 });
    for (const id of ['a', 'b', 'c']) {
      const body = { request_id: id, tenant_id: 't', user_id: 'u', workflow: 'w', input: { text: 'x' } };
      expect(await invoke({ body, stream: false })).toEqual({ revision: undefined, outcome: { ok: true } });
    }
    expect(connections.size).toBe(1);
  });

  it('names a refused connection', async () => {
    const url = await listen(() => undefined);
    await new Promise((resolve) => {
      server?.close(resolve);
    });
    const body = { request_id: 'a', tenant_id: 't', user_id: 'u', workflow: 'w', input: { text: 'x' } };
    expect(await createInvoke({ url, connections: 'per-request', timeoutMs: 5000 })({ body, stream: false })).toMatchObject({ revision: undefined, outcome: { ok: false, reason: 'connection_refused' } });
  });
});
