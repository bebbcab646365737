import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../clock-fake.ts';
import { eventually } from '../testing/eventually.ts';
import { KubeConfigTokens } from './kubeconfig-tokens.ts';

const call = { signal: new AbortController().signal };
const LONG = 'x'.repeat(300);
const before = `# mine, by hand
apiVersion: v1
kind: Config
current-context: c
clusters:
  - name: c # the near one
    cluster:
      server: https://10.0.0.1:6443
      certificate-authority-data: ${LONG}
users:
  - name: other
    user: {token: kept}

  # the company's login
  - name: u
    user:
      auth-provider:
        name: oidc
        config:
          client-id: kube
          id-token: old-id # from the last login
          refresh-token: old-refresh
  - name: u
    user: {token: of the same name}
contexts: []
`;

let folder: string;
let path: string;
let clock: FakeClock;
let tokens: KubeConfigTokens;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tokens-'));
  path = join(folder, 'config');
  writeFileSync(path, before, { mode: 0o600 });
  clock = new FakeClock();
  tokens = new KubeConfigTokens(path, 'u', clock);
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const next = { idToken: `id.${LONG}`, refreshToken: 'new-refresh' };

describe('the tokens of a kubeconfig', () => {
  it('are replaced, and every other byte of the file stays, comments and mode included', async () => {
    await tokens.replace('old-refresh', next, call);
    expect(readFileSync(path, 'utf8')).toBe(before.replace('old-id', next.idToken).replace('old-refresh', 'new-refresh'));
    expect([statSync(path).mode & 0o777, existsSync(`${path}.lock`)]).toEqual([0o600, false]);
    expect(await tokens.read(call)).toEqual(next);
  });

  it('are replaced in a kubeconfig of JSON, which stays JSON', async () => {
    const config = { users: [{ name: 'u', user: { 'auth-provider': { name: 'oidc', config: { 'refresh-token': 'old-refresh' } } } }] };
    writeFileSync(path, JSON.stringify(config));
    await tokens.replace('old-refresh', next, call);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ users: [{ name: 'u', user: { 'auth-provider': { name: 'oidc', config: { 'refresh-token': 'new-refresh', 'id-token': next.idToken } } } }] });
  });

  it('stay when somebody has logged in anew since', async () => {
    await tokens.replace('an-older-refresh', next, call);
    expect(readFileSync(path, 'utf8')).toBe(before);
  });

  it('wait for the lock that kubectl takes', async () => {
    writeFileSync(`${path}.lock`, '');
    const writing = tokens.replace('old-refresh', next, call);
    await eventually('it waits', () => clock.pendingTimers === 1);
    expect(readFileSync(path, 'utf8')).toBe(before);
    rmSync(`${path}.lock`);
    await clock.advance(100);
    await writing;
    expect((await tokens.read(call)).refreshToken).toBe('new-refresh');
  });

  it('say which lock to delete when nobody does, and leave file and lock', async () => {
    writeFileSync(`${path}.lock`, '');
    const writing = tokens.replace('old-refresh', next, call).catch((failure: unknown) => failure);
    for (let turn = 0; turn < 19; turn++) {
      await eventually('it waits', () => clock.pendingTimers === 1);
      await clock.advance(100);
    }
    expect(await writing).toMatchObject({ reason: 'Config', message: expect.stringMatching(/config\.lock' has been there for 2 s; delete it/) as string });
    expect([readFileSync(path, 'utf8'), existsSync(`${path}.lock`)]).toEqual([before, true]);
  });

  it('of many writers end as one of them wrote them, whole', async () => {
    clock.sleep = () => new Promise((resolve) => { setImmediate(resolve); });
    const stores = [1, 2, 3, 4].map(() => new KubeConfigTokens(path, 'u', clock));
    const results = await Promise.allSettled(stores.map((store, index) => store.replace('old-refresh', { idToken: `id-${index}`, refreshToken: `refresh-${index}` }, call)));
    expect(results.some((result) => result.status === 'fulfilled')).toBe(true);
    const { idToken, refreshToken } = await tokens.read(call);
    expect(refreshToken).toBe(idToken?.replace('id', 'refresh'));
    expect(existsSync(`${path}.lock`)).toBe(false);
  });

  it.each([
    ['is gone', undefined, /cannot read kubeconfig/],
    ['is no YAML', 'users: [{S3CRET', /not YAML any more/],
    ['has no such user', 'users: []', /has no users\['u'\]/],
    ['has the user without OpenID Connect', 'users: [{name: u, user: {token: S3CRET}}]', /has no users\['u'\]/],
    ['has the tokens elsewhere, by an alias', 'x: &x {refresh-token: S3CRET}\nusers: [{name: u, user: {auth-provider: {config: *x}}}]', /of its own any more/],
  ])('are refused, without quoting the file, when it %s', async (_what, text, message) => {
    if (text === undefined) rmSync(path);
    else writeFileSync(path, text);
    const error = await tokens.replace('old-refresh', next, call).catch((failure: unknown) => failure);
    expect(error).toMatchObject({ reason: 'Config', message: expect.stringMatching(message) as string });
    expect(inspect(error, { depth: 9 })).not.toMatch(/S3CRET|new-refresh/);
    if (text !== undefined) expect(readFileSync(path, 'utf8')).toBe(text);
    expect(existsSync(`${path}.lock`)).toBe(false);
  });
});
