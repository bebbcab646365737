import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { parse, stringify } from 'yaml';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../clock-fake.ts';
import type { KubeError } from '../kube-error.ts';
import { OidcProvider } from '../testing/oidc-provider.ts';
import { loadKubeConfig, type LoadKubeConfigOptions } from './kubeconfig.ts';
import type { StoredTokens, TokenStore } from './token-store.ts';

const call = { signal: new AbortController().signal };
let clock: FakeClock;
let provider: OidcProvider;
let folder: string;
let path: string;
let failures: KubeError[];

beforeEach(async () => {
  clock = new FakeClock();
  clock.sleep = () => Promise.resolve();
  provider = await OidcProvider.start(() => clock.now());
  folder = mkdtempSync(join(tmpdir(), 'oidc-persist-'));
  path = join(folder, 'config');
  failures = [];
});

afterEach(async () => {
  await provider.close();
  rmSync(folder, { recursive: true, force: true });
});

function write(tokens: Record<string, string>): void {
  const config = { 'client-id': 'kube', 'idp-issuer-url': provider.url, 'idp-certificate-authority-data': Buffer.from(provider.authority).toString('base64'), ...tokens };
  writeFileSync(path, stringify({
    'current-context': 'c', clusters: [{ name: 'c', cluster: { server: 'https://10.0.0.1:6443' } }],
    users: [{ name: 'u', user: { 'auth-provider': { name: 'oidc', config } } }], contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
  }));
  chmodSync(path, 0o600);
}

function stored(): Record<string, string> {
  const file = parse(readFileSync(path, 'utf8')) as { users: { user: { 'auth-provider': { config: Record<string, string> } } }[] };
  return file.users[0]?.user['auth-provider'].config ?? {};
}

function source(options: Partial<LoadKubeConfigOptions> = {}) {
  return loadKubeConfig({ path, env: {}, clock, onPersistFailure: (failure) => failures.push(failure), ...options }).credentials;
}

describe('a refreshed OpenID Connect token', () => {
  it('is written into the kubeconfig with its refresh token, so that kubectl and the next process go on with them', async () => {
    write({ 'refresh-token': 'refresh-0' });
    const { authorization } = await source().current(call);
    expect(stored()).toMatchObject({ 'refresh-token': 'refresh-1', 'id-token': authorization?.slice('Bearer '.length) as string, 'client-id': 'kube' });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect((await source().current(call)).authorization).toBe(authorization);
    expect(provider.refreshes).toHaveLength(1);
    expect(failures).toEqual([]);
  });

  it('is the one that another program stored, while that one is valid', async () => {
    write({ 'refresh-token': 'refresh-0' });
    const credentials = source();
    const theirs = provider.idToken(600, 'kubectl');
    write({ 'refresh-token': 'theirs', 'id-token': theirs });
    expect((await credentials.current(call)).authorization).toBe(`Bearer ${theirs}`);
    expect(provider.refreshes).toHaveLength(0);
  });

  it('is asked for with the refresh token that another program stored, never with one that it spent', async () => {
    write({ 'refresh-token': 'refresh-0', 'id-token': provider.idToken(600, 'first') });
    const credentials = source();
    await credentials.current(call);
    write({ 'refresh-token': 'theirs', 'id-token': provider.idToken(30, 'kubectl') });
    await clock.advance(600_000);
    await credentials.current(call);
    expect(provider.refreshes.map((form) => form.get('refresh_token'))).toEqual(['theirs']);
    expect(stored()['refresh-token']).toBe('refresh-1');
  });

  it('is new after a 401, though the refused one is stored and valid still', async () => {
    const token = provider.idToken(600, 'first');
    write({ 'refresh-token': 'refresh-0', 'id-token': token });
    const credentials = source();
    credentials.rejected(await credentials.current(call));
    expect((await credentials.current(call)).authorization).not.toBe(`Bearer ${token}`);
  });

  it('serves the call when it cannot be stored, and that is told without any token', async () => {
    write({ 'refresh-token': 'refresh-s3cret' });
    writeFileSync(`${path}.lock`, '');
    const credentials = source();
    const first = await credentials.current(call);
    expect(first.authorization).toMatch(/^Bearer e/);
    expect(stored()['refresh-token']).toBe('refresh-s3cret');
    expect(failures.map((failure) => failure.message)).toEqual([expect.stringMatching(/users\['u'\]\.auth-provider: refreshed tokens could not be written, so other programs may have to log in again: '.*config\.lock' has been there/)]);
    expect(inspect(failures, { depth: 9 })).not.toMatch(/s3cret|refresh-1/);
  });

  it('stays in memory when it should', async () => {
    write({ 'refresh-token': 'refresh-0' });
    const before = readFileSync(path, 'utf8');
    await source({ persist: 'memory' }).current(call);
    expect(readFileSync(path, 'utf8')).toBe(before);
  });

  it('goes to the store that is given', async () => {
    write({ 'refresh-token': 'refresh-0' });
    const calls: { spent: string; next: StoredTokens }[] = [];
    const empty = { idToken: undefined, refreshToken: undefined };
    const store: TokenStore = { read: () => Promise.resolve(empty), replace: (spent, next) => Promise.resolve(void calls.push({ spent, next })) };
    const { authorization } = await source({ persist: store }).current(call);
    expect(calls).toEqual([{ spent: 'refresh-0', next: { idToken: authorization?.slice('Bearer '.length), refreshToken: 'refresh-1' } }]);
    expect(stored()['refresh-token']).toBe('refresh-0');
  });

  it('keeps the new refresh token when the id-token beside it is worthless', async () => {
    write({ 'refresh-token': 'refresh-0', 'id-token': 'kept' });
    provider.refusal = { code: 200, body: { id_token: 'worthless', refresh_token: 'rotated' } };
    await expect(source().current(call)).rejects.toThrow(/expired or no JWT/);
    expect(stored()).toMatchObject({ 'refresh-token': 'rotated', 'id-token': 'kept' });
  });
});
