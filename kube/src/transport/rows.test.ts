import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KubeClient } from '../client/kube-client.ts';
import { FakeClock } from '../clock-fake.ts';
import { microTime } from '../clock-system.ts';
import { inClusterConfig } from '../config/in-cluster.ts';
import { loadKubeConfig } from '../config/kubeconfig.ts';
import { isConflict, KubeError } from '../kube-error.ts';
import { configMaps } from '../resources/core.ts';
import { firstAuthority, firstServer } from '../testing/certificates.ts';
import { connectionTo } from '../testing/connection.ts';
import { eventually } from '../testing/eventually.ts';
import { configMap } from '../testing/informer-rig.ts';
import { answer, ScriptedServer, status } from '../testing/scripted-server.ts';
import { Transport } from './transport.ts';

// Each title names a row of the research on other clients (section/table and what is broken there).
const never = new AbortController().signal;
const call = { signal: never };
let server: ScriptedServer;
let transport: Transport;
let folder: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rows-'));
  server = await ScriptedServer.listen({ tls: firstServer, script: (_request, response) => answer(response, 200, { items: [], metadata: { resourceVersion: '1' } }) });
  transport = new Transport({ connection: connectionTo(server.url, { trust: { ca: firstAuthority } }) });
});

afterEach(async () => {
  await transport.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A kubeconfig whose user runs a plugin that notes each run and prints a token valid for `seconds`. */
function execKubeconfig(clock: FakeClock, users: readonly string[], seconds: number): string {
  const plugin = join(folder, 'plugin.sh');
  const credential = (user: string) => JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', status: { token: user, expirationTimestamp: microTime(clock.now() + seconds * 1000) } });
  writeFileSync(plugin, `echo "$KUBERNETES_EXEC_INFO" >> '${folder}/runs'\ncase "$1" in\n${users.map((user) => `${user}) printf '%s' '${credential(user)}';;`).join('\n')}\nesac\n`);
  const path = join(folder, 'config');
  writeFileSync(path, stringify({
    clusters: [{ name: 'c', cluster: { server: server.url } }], contexts: users.map((user) => ({ name: user, context: { cluster: 'c', user } })),
    users: users.map((name) => ({ name, user: { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: '/bin/sh', args: [plugin, name], interactiveMode: 'Never' } } })),
  }));
  return path;
}

async function runs(): Promise<string[]> {
  const { readFile } = await import('node:fs/promises');
  return (await readFile(join(folder, 'runs'), 'utf8')).trim().split('\n');
}

describe('rows of the research on transports', () => {
  it('row B.1/handshakes: 300 calls one after the other take one TLS handshake, two at most', async () => {
    for (let index = 0; index < 300; index++) await transport.json({ method: 'GET', path: '/api/v1/pods', signal: never });
    expect(server.requests).toHaveLength(300);
    expect(server.sockets.accepted).toBeLessThanOrEqual(2);
  });

  it('row B.1/sockets-left: nothing stays open after close, watches included', async () => {
    server.script((request, response) => (request.query.has('watch') ? void response.writeHead(200).write('x\n') : answer(response, 200, {})));
    const streams = await Promise.all(Array.from({ length: 12 }, () => transport.stream({ method: 'GET', path: '/x', query: { watch: 'true' }, signal: never })));
    expect(streams).toHaveLength(12);
    await transport.json({ method: 'GET', path: '/x', signal: never });
    await transport.close();
    await eventually('all sockets are closed', () => server.sockets.open === 0);
  });

  it('row A.2/silent-connection: a server that says nothing is given up at the call\'s deadline, not after 33 s', async () => {
    const clock = new FakeClock();
    const patient = new Transport({ connection: connectionTo(server.url, { trust: { ca: firstAuthority } }), clock });
    server.script(() => {});
    const failed = expect(patient.json({ method: 'GET', path: '/x', signal: never, deadlineMs: 2_000 })).rejects.toMatchObject({ reason: 'Timeout' });
    await eventually('the request is there', () => server.requests.length === 1);
    await clock.advance(2_000);
    await failed;
    await patient.close();
  });

  it('row A.2/conflict-swallowed: a 409 on status and on a finalizer reaches the caller as a typed error', async () => {
    server.script((_request, response) => answer(response, 409, status(409, 'Conflict', 'the object has been modified')));
    const client = new KubeClient({ transport });
    const object = configMap('a');
    const tries = [
      () => client.replaceStatus(configMaps, object, call),
      () => client.mergePatchStatus(configMaps, { namespace: 'default', name: 'a' }, { data: {} }, call),
      () => client.mergePatch(configMaps, { namespace: 'default', name: 'a' }, { metadata: { finalizers: ['mine.dev/f'], resourceVersion: '1' } }, call),
    ];
    for (const attempt of tries) expect(isConflict(await attempt().catch((error: unknown) => error))).toBe(true);
  });

  it('row A.3/every-write-fails: reads, status and finalizer writes go through the same transport and work', async () => {
    server.script((_request, response) => answer(response, 200, configMap('a')));
    const client = new KubeClient({ transport });
    expect((await client.replaceStatus(configMaps, configMap('a'), call)).metadata.name).toBe('a');
    expect((await client.mergePatch(configMaps, { namespace: 'default', name: 'a' }, { metadata: { finalizers: ['mine.dev/f'] } }, call)).metadata.name).toBe('a');
  });

  it('row A.3/quiet-watch: 30 s without an event end neither the watch nor the process', async () => {
    const clock = new FakeClock();
    const patient = new Transport({ connection: connectionTo(server.url, { trust: { ca: firstAuthority } }), clock });
    let later: () => void = () => {};
    server.script((_request, response) => {
      response.writeHead(200).write('one\n');
      later = () => response.write('two\n');
    });
    const reader = (await patient.stream({ method: 'GET', path: '/x', signal: never }))[Symbol.asyncIterator]();
    expect(Buffer.from((await reader.next()).value as Uint8Array).toString()).toBe('one\n');
    await clock.advance(600_000);
    later();
    expect(Buffer.from((await reader.next()).value as Uint8Array).toString()).toBe('two\n');
    await patient.close();
  });

  it('row B.3/error-body: the status is parsed, and its retry-after is there', async () => {
    const details = { retryAfterSeconds: 120, causes: [{ reason: 'FieldValueRequired', field: 'spec.x', message: 'give x' }] };
    server.script((_request, response) => answer(response, 429, status(429, 'TooManyRequests', 'slow down', { details })));
    const error = await transport.json({ method: 'GET', path: '/x', signal: never }).catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(KubeError);
    expect(error).toMatchObject({ code: 429, reason: 'TooManyRequests', retryAfterMs: 120_000, causes: details.causes, message: expect.stringContaining('slow down') as unknown });
  });

  it('row B.3/call-timeout: every call takes a deadline of its own', async () => {
    const clock = new FakeClock();
    const patient = new Transport({ connection: connectionTo(server.url, { trust: { ca: firstAuthority } }), clock });
    server.script(() => {});
    const outcomes: string[] = [];
    for (const deadlineMs of [100, 5_000]) void patient.json({ method: 'GET', path: `/${deadlineMs}`, signal: never, deadlineMs }).catch((error: KubeError) => outcomes.push(error.path));
    await eventually('both are there', () => server.requests.length === 2);
    await clock.advance(100);
    await eventually('the first is over', () => outcomes.length === 1);
    expect(outcomes).toEqual(['/100']);
    await clock.advance(4_900);
    await eventually('the second is over', () => outcomes.length === 2);
    await patient.close();
  });
});

describe('rows of the research on credentials', () => {
  it('row B.3/token-trimmed and ca-per-call: the token is trimmed, and 50 calls read the CA file once', async () => {
    writeFileSync(join(folder, 'token'), '  abc\n\n');
    writeFileSync(join(folder, 'ca.crt'), firstAuthority);
    const long = new Date(0);
    utimesSync(join(folder, 'ca.crt'), long, long);
    const clock = new FakeClock();
    const connection = inClusterConfig({ root: folder, env: { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(server.port) }, clock });
    const inCluster = new Transport({ connection, clock });
    await inCluster.json({ method: 'GET', path: '/x', signal: never });
    // What cannot be read any more is not missed: nothing reads it.
    rmSync(join(folder, 'ca.crt'));
    for (let index = 0; index < 50; index++) await inCluster.json({ method: 'GET', path: '/x', signal: never });
    expect(new Set(server.requests.map((request) => request.headers.authorization))).toEqual(new Set(['Bearer abc']));
    expect(server.sockets.accepted).toBeLessThanOrEqual(2);
    await expect(stat(join(folder, 'ca.crt'))).rejects.toThrow('ENOENT');
    await inCluster.close();
  });

  it('row B.3/exec-skew, exec-single-flight and exec-info: one run for many callers, again a minute before the end, told about itself', async () => {
    const clock = new FakeClock();
    const { credentials } = loadKubeConfig({ path: execKubeconfig(clock, ['u'], 600), context: 'u', env: { PATH: '/usr/bin:/bin' }, clock });
    await Promise.all(Array.from({ length: 20 }, () => credentials.current(call)));
    expect(await runs()).toHaveLength(1);
    await clock.advance(541_000);
    await credentials.current(call);
    const told = await runs();
    expect(told).toHaveLength(2);
    expect(JSON.parse(told[0] ?? '')).toMatchObject({ kind: 'ExecCredential', apiVersion: 'client.authentication.k8s.io/v1' });
  });

  it('row B.3/cache-by-name: two users of one name in two kubeconfigs never share a credential', async () => {
    const clock = new FakeClock();
    const path = execKubeconfig(clock, ['alice', 'bob'], 600);
    const tokens = await Promise.all(['alice', 'bob'].map(async (context) => (await loadKubeConfig({ path, context, env: { PATH: '/usr/bin:/bin' }, clock }).credentials.current(call)).authorization));
    expect(tokens).toEqual(['Bearer alice', 'Bearer bob']);
    const renamed = join(folder, 'renamed');
    writeFileSync(renamed, stringify({
      'current-context': 'x', clusters: [{ name: 'c', cluster: { server: server.url } }], contexts: [{ name: 'x', context: { cluster: 'c', user: 'alice' } }],
      users: [{ name: 'alice', user: { token: 'another-alice' } }],
    }));
    expect((await loadKubeConfig({ path: renamed, env: {}, clock }).credentials.current(call)).authorization).toBe('Bearer another-alice');
  });
});
