import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { stringify } from 'yaml';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../clock-fake.ts';
import { client, firstServer, secondServer } from '../testing/certificates.ts';
import type { CredentialSource } from './connection.ts';
import { loadKubeConfig } from './kubeconfig.ts';

const call = { signal: new AbortController().signal };
let folder: string;
let clock: FakeClock;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'certificate-'));
  clock = new FakeClock();
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(name: 'cert.pem' | 'key.pem' | 'both.pem', text: string): void {
  writeFileSync(join(folder, name), text);
}

function source(files = { cert: 'cert.pem', key: 'key.pem' }): CredentialSource {
  const path = join(folder, 'config');
  writeFileSync(path, stringify({
    'current-context': 'c', clusters: [{ name: 'c', cluster: { server: 'https://10.0.0.1:6443' } }],
    users: [{ name: 'u', user: { 'client-certificate': files.cert, 'client-key': files.key } }], contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
  }));
  return loadKubeConfig({ path, env: {}, clock }).credentials;
}

async function served(credentials: CredentialSource): Promise<'client' | 'second' | 'mixed'> {
  const { certificate } = await credentials.current(call);
  for (const [name, pair] of [['client', client], ['second', secondServer]] as const) {
    if (certificate?.cert === pair.cert.trim() && certificate.key === pair.key.trim()) return name;
  }
  return 'mixed';
}

describe('client certificate and key in files', () => {
  it.each(['cert.pem', 'key.pem'] as const)('are one pair: when only %s is new, the last pair that fits is served, and the new one a second later', async (first) => {
    const credentials = source();
    put('cert.pem', client.cert);
    put('key.pem', client.key);
    expect(await served(credentials)).toBe('client');
    put(first, first === 'cert.pem' ? secondServer.cert : secondServer.key);
    await clock.advance(60_000);
    expect(await served(credentials)).toBe('client');
    put('cert.pem', secondServer.cert);
    put('key.pem', secondServer.key);
    await clock.advance(1_000);
    expect(await served(credentials)).toBe('second');
  });

  it.each([['a key that is gone', undefined], ['an empty key', ''], ['half a key', firstServer.key.slice(0, 90)]])('bear %s in the middle of a rotation', async (_what, text) => {
    const credentials = source();
    put('cert.pem', client.cert);
    put('key.pem', client.key);
    await served(credentials);
    if (text === undefined) rmSync(join(folder, 'key.pem'));
    else put('key.pem', text);
    credentials.rejected(await credentials.current(call));
    expect(await served(credentials)).toBe('client');
  });

  it('are read again at once after a 401, and by many callers once', async () => {
    const credentials = source();
    put('cert.pem', client.cert);
    put('key.pem', client.key);
    const used = await credentials.current(call);
    put('cert.pem', secondServer.cert);
    put('key.pem', secondServer.key);
    expect(await served(credentials)).toBe('client');
    credentials.rejected(used);
    expect(await Promise.all([1, 2, 3].map(() => served(credentials)))).toEqual(['second', 'second', 'second']);
  });

  it('may be one file, as the kubelet writes it', async () => {
    put('both.pem', `${client.cert}${client.key}`);
    const { certificate } = await source({ cert: 'both.pem', key: 'both.pem' }).current(call);
    expect(certificate?.cert).toBe(`${client.cert}${client.key}`.trim());
  });

  it.each([
    ['a pair that does not fit', client.cert, secondServer.key, /certificate '.*cert\.pem' and the key '.*key\.pem' do not belong together/],
    ['no certificate', 'x', client.key, /'.*cert\.pem' holds no certificate/],
    ['no key', client.cert, 'S3CRET', /'.*key\.pem' holds no private key/],
  ])('are refused when there was never a good pair, and used as soon as there is one: %s', async (_what, cert, key, message) => {
    const credentials = source();
    put('cert.pem', cert);
    put('key.pem', key);
    const error = await credentials.current(call).catch((failure: unknown) => failure);
    expect(error).toMatchObject({ reason: 'Config', message: expect.stringMatching(message) as string });
    expect(inspect(error, { depth: 9 })).not.toContain('S3CRET');
    put('cert.pem', client.cert);
    put('key.pem', client.key);
    expect(await served(credentials)).toBe('client');
  });

  it('are refused with their path when they cannot be read', async () => {
    put('cert.pem', client.cert);
    await expect(source().current(call)).rejects.toThrow(/'.*key\.pem' cannot be read/);
  });
});
