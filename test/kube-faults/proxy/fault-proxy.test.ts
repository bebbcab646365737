import { afterEach, describe, expect, it } from 'vitest';
import { KubeError, Transport } from '@sluice/kube';
import { client as clientCertificate, firstAuthority, secondAuthority, secondServer } from '../../../kube/src/testing/certificates.ts';
import { eventually } from '../../../kube/src/testing/eventually.ts';
import { answer, ScriptedServer, type Script } from '../../../kube/src/testing/scripted-server.ts';
import { connectionThrough } from '../fault-stage.ts';
import { always, type Fault, type FaultKind } from './fault.ts';
import { FaultProxy, type ForwardedCall } from './fault-proxy.ts';

const LINES = ['one', 'two', 'three', 'four'].map((name, index) => `${JSON.stringify({ type: 'ADDED', object: { metadata: { name, resourceVersion: `${index}` } } })}\n`);
const closing: (() => Promise<void>)[] = [];

function fault(kind: FaultKind, more: Partial<Fault> = {}): Fault {
  return { kind, afterLines: 1, afterMs: 60_000, amount: 1, ...more };
}

/** An API server that knows only clients with a certificate; it sends four lines into each watch and keeps it open. */
const script: Script = (request, response) => {
  if (!request.query.has('watch')) return answer(response, 200, { method: request.method, said: request.body });
  response.writeHead(200).flushHeaders();
  LINES.forEach((line, index) => setTimeout(() => response.write(line), index * 10));
};

async function rig(): Promise<{ server: ScriptedServer; proxy: FaultProxy; transport: Transport; calls: ForwardedCall[] }> {
  const server = await ScriptedServer.listen({ script, tls: { ...secondServer, clientAuthority: firstAuthority } });
  const calls: ForwardedCall[] = [];
  const proxy = await FaultProxy.start({
    upstream: { url: server.url, authority: secondAuthority, certificate: clientCertificate }, onForwarded: (call) => void calls.push(call),
  });
  const transport = new Transport({ connection: connectionThrough(proxy), defaultDeadlineMs: 400 });
  closing.push(async () => {
    await transport.close();
    await proxy.close();
    await server.close();
  });
  return { server, proxy, transport, calls };
}

const { signal } = new AbortController();
const post = { method: 'POST', path: '/api/v1/things', body: { size: 1 }, signal } as const;

async function failureOf(transport: Transport): Promise<{ code: number; reason: string }> {
  const error = await transport.json(post).catch((failure: unknown) => failure);
  expect(error).toBeInstanceOf(KubeError);
  const { code, reason } = error as KubeError;
  return { code, reason };
}

/** All that a watch says until it ends, and how it ends. */
async function watched(transport: Transport, patienceMs = 300): Promise<{ text: string; end: 'closed' | 'broken' | 'open' }> {
  const stop = new AbortController();
  let text = '';
  let end: 'closed' | 'broken' | 'open' = 'closed';
  const timer = setTimeout(() => {
    end = 'open';
    stop.abort();
  }, patienceMs);
  try {
    const stream = await transport.stream({ method: 'GET', path: '/api/v1/things', query: { watch: 'true' }, signal: stop.signal });
    for await (const chunk of stream) text += Buffer.from(chunk).toString('utf8');
  } catch {
    if (!stop.signal.aborted) end = 'broken';
  } finally {
    clearTimeout(timer);
  }
  return { text, end };
}

describe('FaultProxy', () => {
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  it('passes calls and watches on unchanged, with a client certificate of its own', async () => {
    const { transport, calls, server } = await rig();
    expect(await transport.json(post)).toEqual({ method: 'POST', said: '{"size":1}' });
    expect(calls).toEqual([{ method: 'POST', path: '/api/v1/things', body: '{"size":1}', code: 200 }]);
    expect(await watched(transport)).toEqual({ text: LINES.join(''), end: 'open' });
    await eventually('the API server hears that the watcher left', () => server.sockets.open <= 1);
  });

  it.each<[FaultKind, { code: number; reason: string }]>([
    ['reset', { code: 0, reason: 'Network' }],
    ['silence', { code: 0, reason: 'Timeout' }],
    ['error-500', { code: 500, reason: 'InternalError' }],
    ['error-504', { code: 504, reason: 'Timeout' }],
  ])('%s keeps a write from the API server', async (kind, expected) => {
    const { proxy, transport, calls } = await rig();
    proxy.follow(always('write', fault(kind)));
    expect(await failureOf(transport)).toEqual(expected);
    expect(calls).toEqual([]);
    expect(proxy.struck.get(kind)).toBe(1);
  });

  it.each<[FaultKind, { code: number; reason: string }]>([
    ['answer-lost', { code: 0, reason: 'Network' }],
    ['applied-500', { code: 500, reason: 'InternalError' }],
    ['applied-504', { code: 504, reason: 'Timeout' }],
    ['silence-after-headers', { code: 0, reason: 'Timeout' }],
    ['half-body', { code: 0, reason: 'Malformed' }],
    ['half-chunk', { code: 0, reason: 'Network' }],
  ])('%s spoils the answer to a write that was carried out', async (kind, expected) => {
    const { proxy, transport, calls } = await rig();
    proxy.follow(always('write', fault(kind)));
    expect(await failureOf(transport)).toEqual(expected);
    expect(calls).toHaveLength(1);
    expect(proxy.struck.get(kind)).toBe(1);
  });

  it.each<FaultKind>(['retry-at-once', 'byte-by-byte', 'skewed-date'])('%s costs a call nothing but time', async (kind) => {
    const { proxy, transport } = await rig();
    let first = true;
    proxy.follow({ draw: () => (first ? ((first = false), [fault(kind)]) : []) });
    expect(await transport.json({ ...post, deadlineMs: 20_000 })).toEqual({ method: 'POST', said: '{"size":1}' });
    expect(proxy.struck.get(kind)).toBe(1);
  });

  it('refuses new connections for a while, and listens again at the same port', async () => {
    const { proxy, transport } = await rig();
    let first = true;
    proxy.follow({ draw: () => (first ? ((first = false), [fault('refused', { amount: 150 })]) : []) });
    expect((await failureOf(transport)).reason).toBe('Network');
    expect((await failureOf(transport)).reason).toBe('Network');
    await eventually('the proxy listens again', () => transport.json(post).then(() => true, () => false));
  });

  it.each<[FaultKind, { text: string; end: string }]>([
    ['stream-reset', { text: LINES[0]!, end: 'broken' }],
    ['stream-silence', { text: LINES[0]!, end: 'open' }],
    ['stream-end', { text: LINES[0]!, end: 'closed' }],
    ['half-line', { text: LINES[0]! + LINES[1]!.slice(0, Math.floor(LINES[1]!.length / 2)), end: 'closed' }],
    ['half-chunk', { text: LINES[0]! + LINES[1]!.slice(0, Math.floor(LINES[1]!.length / 2)), end: 'broken' }],
    ['duplicated', { text: LINES[0]! + LINES[1]! + LINES[1]! + LINES[2]! + LINES[3]!, end: 'open' }],
    ['swapped', { text: LINES[0]! + LINES[2]! + LINES[1]! + LINES[3]!, end: 'open' }],
    ['byte-by-byte', { text: LINES.join(''), end: 'open' }],
  ])('%s strikes in the midst of a watch', async (kind, expected) => {
    const { proxy, transport } = await rig();
    proxy.follow(always('watch', fault(kind)));
    expect(await watched(transport, 1_500)).toEqual(expected);
    expect(proxy.struck.get(kind)).toBe(1);
  });

  it.each<[FaultKind, number]>([['event-410', 410], ['event-500', 500], ['event-504', 504]])('%s ends a watch with an ERROR event, after its time when no line comes', async (kind, code) => {
    const { proxy, transport } = await rig();
    proxy.follow(always('watch', fault(kind, { afterLines: 99, afterMs: 100 })));
    const { text, end } = await watched(transport, 2_000);
    expect(end).toBe('closed');
    expect(JSON.parse(text.trimEnd().split('\n').at(-1)!)).toMatchObject({ type: 'ERROR', object: { kind: 'Status', code } });
  });

  it('breaks the watch when the API server breaks it', async () => {
    const { server, transport } = await rig();
    setTimeout(() => server.reset(), 100);
    expect((await watched(transport, 2_000)).end).toBe('broken');
  });
});
