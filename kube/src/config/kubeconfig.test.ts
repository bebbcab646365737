import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../clock-fake.ts';
import { client } from '../testing/certificates.ts';
import { loadKubeConfig } from './kubeconfig.ts';

const never = new AbortController().signal;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Parts {
  cluster?: object;
  user?: object;
  context?: object;
  top?: object;
}

function write(parts: Parts, name = 'config'): string {
  const path = join(folder, name);
  writeFileSync(path, stringify({
    apiVersion: 'v1', kind: 'Config', 'current-context': 'here',
    clusters: [{ name: 'c', cluster: { server: 'https://10.0.0.1:6443/', ...parts.cluster } }],
    users: [{ name: 'u', user: { ...parts.user } }],
    contexts: [{ name: 'here', context: { cluster: 'c', user: 'u', ...parts.context } }],
    ...parts.top,
  }));
  return path;
}

function load(parts: Parts, context?: string) {
  return loadKubeConfig({ path: write(parts), env: {}, clock: new FakeClock(), ...(context === undefined ? {} : { context }) });
}

describe('loadKubeConfig', () => {
  it('reads server, namespace and trust', async () => {
    const ca = Buffer.from('CA PEM').toString('base64');
    const connection = load({ cluster: { 'certificate-authority-data': ca, 'tls-server-name': 'kube.internal' }, context: { namespace: 'prod' } });
    expect([connection.server, connection.namespace]).toEqual(['https://10.0.0.1:6443', 'prod']);
    expect(await connection.trust()).toEqual({ ca: 'CA PEM', serverName: 'kube.internal', verify: 'verify' });
  });

  it('defaults the namespace, and skips verification only when told to', async () => {
    const connection = load({ cluster: { 'insecure-skip-tls-verify': true } });
    expect(connection.namespace).toBe('default');
    expect((await connection.trust()).verify).toBe('skip');
  });

  it('trims a token', async () => {
    expect(await load({ user: { token: 'abc\n' } }).credentials.current({ signal: never })).toEqual({ authorization: 'Bearer abc', certificate: undefined });
  });

  it('prefers a token file to a token, and finds it beside the kubeconfig', async () => {
    writeFileSync(join(folder, 'token'), ' from-file \n');
    const { authorization } = await load({ user: { token: 'abc', tokenFile: 'token' } }).credentials.current({ signal: never });
    expect(authorization).toBe('Bearer from-file');
  });

  it('reads basic credentials', async () => {
    const { authorization } = await load({ user: { username: 'me', password: 'pw' } }).credentials.current({ signal: never });
    expect(authorization).toBe(`Basic ${Buffer.from('me:pw').toString('base64')}`);
  });

  it('reads client certificates from data and from files', async () => {
    const data = load({ user: { 'client-certificate-data': Buffer.from('CERT').toString('base64'), 'client-key-data': Buffer.from('KEY').toString('base64') } });
    expect((await data.credentials.current({ signal: never })).certificate).toEqual({ cert: 'CERT', key: 'KEY' });
    writeFileSync(join(folder, 'c.pem'), client.cert);
    writeFileSync(join(folder, 'k.pem'), client.key);
    const files = load({ user: { 'client-certificate': 'c.pem', 'client-key': join(folder, 'k.pem') } });
    expect((await files.credentials.current({ signal: never })).certificate).toEqual({ cert: client.cert.trim(), key: client.key.trim() });
  });

  it('reads the proxy and whom to impersonate, and passes over what needs nothing done', () => {
    const connection = load({
      cluster: { 'proxy-url': 'http://proxy.test:3128', 'disable-compression': true },
      user: { as: 'jane', 'as-uid': '7', 'as-groups': ['dev', 'qa'], 'as-user-extra': { 'acme.com/scope': ['read'] } },
    });
    expect(connection.proxy).toBe('http://proxy.test:3128');
    expect(connection.impersonate).toEqual({ user: 'jane', uid: '7', groups: ['dev', 'qa'], extra: { 'acme.com/scope': ['read'] } });
    expect(load({}).impersonate).toBeUndefined();
  });

  it('merges the files of KUBECONFIG, the first to name a thing winning, absent files ignored', () => {
    const first = write({ cluster: { server: 'https://first:1' } }, 'one');
    const second = write({ cluster: { server: 'https://second:2' } }, 'two');
    const env = { KUBECONFIG: [join(folder, 'absent'), first, second].join(':') };
    expect(loadKubeConfig({ env }).server).toBe('https://first:1');
  });

  it('falls back to the home folder', () => {
    expect(() => loadKubeConfig({ env: { HOME: folder } })).toThrow(join(folder, '.kube', 'config'));
    expect(() => loadKubeConfig({ env: {} })).toThrow(/set KUBECONFIG/);
  });
});

describe('a kubeconfig that cannot be used is refused with the fix', () => {
  it.each<[string, Parts, RegExp]>([
    ['no server', { cluster: { server: '' } }, /clusters\['c'\]\.server .* write a URL/],
    ['a server that is no URL', { cluster: { server: '10.0.0.1:6443' } }, /write a URL such as/],
    ['a proxy that is no URL', { cluster: { 'proxy-url': 'user:s3cret@proxy' } }, /proxy-url .* http or https proxy|proxy-url is not a URL/],
    ['a SOCKS proxy', { cluster: { 'proxy-url': 'socks5://user:s3cret@proxy:1080' } }, /scheme 'socks5', which is not supported; use an http or https proxy/],
    ['an auth provider', { user: { 'auth-provider': { name: 'gcp' } } }, /use an exec plugin/],
    ['an OIDC provider without an issuer', { user: { 'auth-provider': { name: 'oidc', config: { 'client-id': 'me' } } } }, /idp-issuer-url is not an https URL/],
    ['an OIDC provider without a client', { user: { 'auth-provider': { name: 'oidc', config: { 'idp-issuer-url': 'https://i.test' } } } }, /client-id is missing/],
    ['impersonated groups without a user', { user: { 'as-groups': ['admins'] } }, /without a user; add 'as'/],
    ['impersonated groups that are no list', { user: { as: 'jane', 'as-groups': 'admins' } }, /as-groups must be a list of texts/],
    ['half a certificate', { user: { 'client-key-data': 'aGk=' } }, /only one of client-certificate and client-key/],
    ['an unknown cluster', { context: { cluster: 'nope' } }, /refers to cluster 'nope'/],
    ['no contexts', { top: { 'current-context': undefined, contexts: [] } }, /has no contexts, so it names no cluster; let KUBECONFIG/],
    ['no current context', { top: { 'current-context': undefined } }, /no current-context; name one of: here/],
    ['clusters that are no list', { top: { clusters: 'x' } }, /clusters must be a list/],
    ['an entry without a name', { top: { users: [{ user: {} }] } }, /every entry of users needs a name/],
  ])('%s', (_what, parts, message) => {
    expect(() => load(parts)).toThrow(message);
  });

  it('names the contexts there are', () => {
    expect(() => load({}, 'there')).toThrow(/no context 'there'; it has: here/);
  });

  it('does not quote a file that is not YAML, as it holds credentials', () => {
    const path = join(folder, 'broken');
    writeFileSync(path, 'users: [{name: u, user: {token: s3cret');
    let text = '';
    try {
      loadKubeConfig({ path, env: {} });
    } catch (error) {
      text = JSON.stringify([String(error), (error as Error).cause]);
    }
    expect(text).toMatch(/not a YAML mapping/);
    expect(text).not.toContain('s3cret');
  });
});
