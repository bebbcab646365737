import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../clock-fake.ts';
import { connectionFromEnvironment, inClusterConfig } from './in-cluster.ts';

const never = new AbortController().signal;
const pod = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' };
let root: string;
let clock: FakeClock;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'service-account-'));
  clock = new FakeClock();
  writeFileSync(join(root, 'token'), 'first\n');
  writeFileSync(join(root, 'ca.crt'), 'CA one\n');
  writeFileSync(join(root, 'namespace'), 'sluice-system');
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

async function token(connection: ReturnType<typeof inClusterConfig>): Promise<string | undefined> {
  return (await connection.credentials.current({ signal: never })).authorization;
}

describe('inClusterConfig', () => {
  it('reads server, namespace, CA and a trimmed token', async () => {
    const connection = inClusterConfig({ root, env: pod, clock });
    expect([connection.server, connection.namespace]).toEqual(['https://10.96.0.1:443', 'sluice-system']);
    expect((await connection.trust()).ca).toBe('CA one');
    expect(await token(connection)).toBe('Bearer first');
  });

  it('puts an IPv6 address into brackets', () => {
    expect(inClusterConfig({ root, env: { ...pod, KUBERNETES_SERVICE_HOST: 'fd00::1' }, clock }).server).toBe('https://[fd00::1]:443');
  });

  it('re-reads the token after 60 s, not before', async () => {
    const connection = inClusterConfig({ root, env: pod, clock });
    await token(connection);
    writeFileSync(join(root, 'token'), 'second');
    await clock.advance(59_000);
    expect(await token(connection)).toBe('Bearer first');
    await clock.advance(1_000);
    expect(await token(connection)).toBe('Bearer second');
  });

  it('re-reads the token at once after it was rejected', async () => {
    const connection = inClusterConfig({ root, env: pod, clock });
    const used = await connection.credentials.current({ signal: never });
    writeFileSync(join(root, 'token'), 'second');
    connection.credentials.rejected(used);
    expect(await token(connection)).toBe('Bearer second');
  });

  it('keeps the last good token while the file is away', async () => {
    const connection = inClusterConfig({ root, env: pod, clock });
    await token(connection);
    rmSync(join(root, 'token'));
    await clock.advance(61_000);
    expect(await token(connection)).toBe('Bearer first');
  });

  it('follows a rotated CA', async () => {
    const connection = inClusterConfig({ root, env: pod, clock });
    await connection.trust();
    writeFileSync(join(root, 'ca.crt'), 'CA two');
    await clock.advance(60_000);
    expect((await connection.trust()).ca).toBe('CA two');
  });

  it('says what is missing outside a pod, and in a pod without a token', () => {
    expect(() => inClusterConfig({ root, env: {}, clock })).toThrow(/this is not a pod; use a kubeconfig/);
    expect(() => inClusterConfig({ root, env: { KUBERNETES_SERVICE_HOST: '10.96.0.1' }, clock })).toThrow(/KUBERNETES_SERVICE_PORT are not set/);
    rmSync(join(root, 'token'));
    expect(() => inClusterConfig({ root, env: pod, clock })).toThrow(/automountServiceAccountToken/);
  });

  it('refuses an empty token', async () => {
    writeFileSync(join(root, 'token'), '\n');
    await expect(token(inClusterConfig({ root, env: pod, clock }))).rejects.toThrow(/is empty/);
  });
});

describe('connectionFromEnvironment', () => {
  it('uses the kubeconfig when one is named, even in a pod', () => {
    const path = join(root, 'absent');
    expect(() => connectionFromEnvironment({ env: { ...pod, KUBECONFIG: path } })).toThrow(path);
    expect(() => connectionFromEnvironment({ env: { ...pod, HOME: root }, context: 'x' })).toThrow(/\.kube/);
  });

  it('uses the service account in a pod', () => {
    expect(() => connectionFromEnvironment({ env: { ...pod } })).toThrow(/automountServiceAccountToken/);
  });
});
