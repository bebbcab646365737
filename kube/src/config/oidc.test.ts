import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { stringify } from 'yaml';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../clock-fake.ts';
import { OidcProvider } from '../testing/oidc-provider.ts';
import { loadKubeConfig } from './kubeconfig.ts';
import { OidcCredential } from './oidc.ts';

const call = { signal: new AbortController().signal };
let clock: FakeClock;
let provider: OidcProvider;
let folder: string;

beforeEach(async () => {
  clock = new FakeClock();
  provider = await OidcProvider.start(() => clock.now());
  folder = mkdtempSync(join(tmpdir(), 'oidc-'));
});

afterEach(async () => {
  await provider.close();
  rmSync(folder, { recursive: true, force: true });
});

function kubeconfig(config: Record<string, string>): string {
  const path = join(folder, 'config');
  const all = { 'client-id': 'kube', 'idp-issuer-url': provider.url, 'idp-certificate-authority-data': Buffer.from(provider.authority).toString('base64'), ...config };
  writeFileSync(path, stringify({
    'current-context': 'c', clusters: [{ name: 'c', cluster: { server: 'https://10.0.0.1:6443' } }],
    users: [{ name: 'u', user: { 'auth-provider': { name: 'oidc', config: all } } }], contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
  }));
  return path;
}

function credentials(config: Record<string, string>) {
  return loadKubeConfig({ path: kubeconfig(config), env: {}, clock }).credentials;
}

describe('an OIDC user', () => {
  it('is served the id-token of the kubeconfig while it is valid, without asking anyone', async () => {
    const token = provider.idToken(600, 'first');
    expect((await credentials({ 'id-token': token }).current(call)).authorization).toBe(`Bearer ${token}`);
    expect(provider.server.requests).toHaveLength(0);
  });

  it('gets a new token a minute before the old one ends, one refresh for many callers', async () => {
    const token = provider.idToken(600, 'first');
    const source = credentials({ 'id-token': token, 'refresh-token': 'refresh-0', 'client-secret': 's3cret' });
    await clock.advance(539_000);
    expect((await source.current(call)).authorization).toBe(`Bearer ${token}`);
    await clock.advance(2_000);
    const got = await Promise.all([1, 2, 3].map(() => source.current(call)));
    expect(new Set(got.map((each) => each.authorization)).size).toBe(1);
    expect(got[0]?.authorization).not.toBe(`Bearer ${token}`);
    expect(provider.refreshes.map((form) => Object.fromEntries(form))).toEqual([{ grant_type: 'refresh_token', refresh_token: 'refresh-0', client_id: 'kube', client_secret: 's3cret' }]);
  });

  it('goes on with the refresh token that the provider handed out last, also after a 401', async () => {
    const source = credentials({ 'refresh-token': 'refresh-0' });
    const first = await source.current(call);
    source.rejected(first);
    expect((await source.current(call)).authorization).not.toBe(first.authorization);
    expect(provider.refreshes.map((form) => form.get('refresh_token'))).toEqual(['refresh-0', 'refresh-1']);
  });

  it('is told what to do when there is nothing to refresh with', async () => {
    await expect(credentials({ 'id-token': provider.idToken(30, 'old') }).current(call)).rejects.toThrow(/users\['u'\]\.auth-provider: .*no refresh-token; log in again/);
  });

  it.each([
    [{ code: 400, body: { error: 'invalid_grant', error_description: 'refresh-s3cret is over' } }, /answered 400 invalid_grant; log in again/],
    [{ code: 400, body: { error: 'refresh-s3cret' } }, /answered 400$/],
    [{ code: 200, body: { note: 'refresh-s3cret' } }, /without an id_token/],
    [{ code: 200, body: { id_token: 'refresh-s3cret' } }, /expired or no JWT/],
  ])('hears of a refusal without any token in it: %j', async (refusal, message) => {
    provider.refusal = refusal;
    const error = await credentials({ 'refresh-token': 'refresh-s3cret' }).current(call).catch((failure: unknown) => failure);
    expect((error as Error).message).toMatch(message);
    expect(inspect(error, { depth: 9 })).not.toContain('refresh-s3cret');
  });

  it('names the package to install when it is missing', async () => {
    const source = new OidcCredential({
      where: 'here', idToken: undefined, refreshToken: 'r', clientId: 'kube', clock, store: undefined, onStoreFailure: () => {}, issuer: { refresh: () => Promise.reject(new Error('never asked')) },
      load: () => Promise.reject(new Error('ERR_MODULE_NOT_FOUND')),
    });
    await expect(source.current(call)).rejects.toThrow(/here: .*@kubernetes\/client-node, which is not installed; add @kubernetes\/client-node@2/);
  });
});

describe('client-node', () => {
  /** Runs `then` in a Node of its own that refuses to load client-node. */
  function withoutClientNode(path: string, then: string): string {
    const hook = `export async function resolve(name, context, next) { if (name.includes('client-node')) throw new Error('client-node was asked for'); return next(name, context); }`;
    const program = `
      import { register } from 'node:module';
      register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hook)}));
      const { loadKubeConfig } = await import(${JSON.stringify(new URL('./kubeconfig.ts', import.meta.url).href)});
      await import(${JSON.stringify(new URL('../index.ts', import.meta.url).href)});
      const source = loadKubeConfig({ path: ${JSON.stringify(path)}, env: {} }).credentials;
      ${then}`;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8', timeout: 30_000, env: {} });
    return `${stdout}${stderr}`;
  }

  it('is never loaded by this package, nor for an OIDC user whose id-token is valid', () => {
    const far = `e30.${Buffer.from('{"exp":99999999999}').toString('base64url')}.e30`;
    expect(withoutClientNode(kubeconfig({ 'id-token': far }), `console.log((await source.current({ signal: AbortSignal.timeout(5000) })).authorization);`)).toContain(`Bearer ${far}`);
  });

  it('is asked for when a token has to be refreshed', () => {
    const output = withoutClientNode(kubeconfig({ 'refresh-token': 'r' }), `await source.current({ signal: AbortSignal.timeout(5000) }).catch((error) => console.log(error.message));`);
    expect(output).toContain('@kubernetes/client-node, which is not installed');
  });
});
