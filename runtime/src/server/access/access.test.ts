import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createFakeClock } from '../../platform/clock-fake.ts';
import { createFakeWallClock } from '../../platform/wall-clock-fake.ts';
import { createHarness, type Harness } from '../../testing/app-harness.ts';
import { sendJson, startLoopbackServer, type LoopbackServer } from '../../testing/loopback-server.ts';
import { bundleFixture } from '../../testing/bundle-fixture.ts';
import { createScriptedModel, reply } from '../../testing/scripted-model.ts';
import { accessFile } from './access-file.ts';
import { digestOfKey } from './api-keys.ts';
import { createClosedAccess } from './closed-access.ts';

const question = { input: { text: 'How long?' } };
const servers: LoopbackServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>;
let pair: KeyPair;
let other: KeyPair;
beforeAll(async () => {
  pair = await generateKeyPair('ES256');
  other = await generateKeyPair('ES256');
});

interface Rig extends Harness {
  readonly clock: ReturnType<typeof createFakeClock>;
  readonly wallClock: ReturnType<typeof createFakeWallClock>;
  /** What the file holds from now on. */
  readonly write: (file: unknown) => void;
  readonly errors: unknown[];
  readonly ask: (credential?: string, payload?: object) => Promise<{ readonly status: number; readonly body: Record<string, unknown>; readonly headers: Record<string, unknown> }>;
}

async function createRig(file: unknown): Promise<Rig> {
  const [clock, wallClock, errors] = [createFakeClock(), createFakeWallClock(), [] as unknown[]];
  let content: unknown = file;
  const access = createClosedAccess({ read: () => accessFile.parse(content), clock, wallClock, onError: (error) => errors.push(error) });
  const harness = await createHarness({ model: createScriptedModel(reply('Thirty days.')), access, clock });
  return {
    ...harness,
    clock,
    wallClock,
    errors,
    write: (next) => {
      content = next;
    },
    ask: async (credential, payload = question) => {
      const response = await harness.app.inject({ method: 'POST', url: '/v1/invoke', payload, headers: credential === undefined ? {} : { authorization: `Bearer ${credential}` } });
      return { status: response.statusCode, body: response.json(), headers: response.headers };
    },
  };
}

function key(text: string, more: object = {}): object {
  return { id: `id-of-${text}`, sha256: digestOfKey(text), tenant: 'shop', ...more };
}

describe('API keys', () => {
  it('let in whom the file names, and nobody else, and leave probes open', async () => {
    const rig = await createRig({ keys: [key('k-1', { subject: 'ann' }), key('k-2', { expiresAt: '2026-01-01T00:00:01Z' })] });
    expect((await rig.ask('k-1')).status).toBe(200);
    expect((await rig.ask('k-2')).status).toBe(200);
    rig.wallClock.advance(1_000);
    for (const credential of [undefined, 'k-2', 'wrong', 'a.b.c', 'Basic x']) {
      const refused = await rig.ask(credential);
      expect(refused).toMatchObject({ status: 401, body: { type: 'urn:sluice:problem:unauthenticated' }, headers: { 'www-authenticate': 'Bearer', 'content-type': expect.stringContaining('application/problem+json') } });
    }
    expect((await rig.app.inject({ method: 'POST', url: '/v1/invoke', payload: question, headers: { 'x-api-key': 'k-1' } })).statusCode).toBe(200);
    for (const url of ['/healthz', '/metrics', '/docs/json']) expect((await rig.app.inject(url)).statusCode).toBe(200);
    for (const url of ['/v1/jobs', '/v1/sessions', '/v1/approvals']) expect((await rig.app.inject(url)).statusCode).toBe(401);
    expect((await rig.mirror.inject({ method: 'POST', url: '/v1/invoke', payload: question })).statusCode).toBe(401);
    expect(rig.logText()).not.toMatch(/k-1|wrong/);
  });

  it('are rotated while the server runs; a file that cannot be used changes nothing', async () => {
    const rig = await createRig({ keys: [key('old')] });
    rig.write({ keys: [key('new')] });
    expect((await rig.ask('new')).status).toBe(401);
    rig.clock.advance(5_000);
    expect([(await rig.ask('new')).status, (await rig.ask('old')).status]).toEqual([200, 401]);
    rig.write({ keys: [{ id: 'x' }] });
    rig.clock.advance(5_000);
    expect((await rig.ask('new')).status).toBe(200);
    expect(rig.errors).toHaveLength(1);
  });

  it('speak for their own tenant alone', async () => {
    const rig = await createRig({ keys: [key('k-1')] });
    expect((await rig.ask('k-1', { tenant_id: 'shop', ...question })).status).toBe(200);
    expect(await rig.ask('k-1', { tenant_id: 'rival', ...question })).toMatchObject({ status: 403, body: { field: 'tenant_id' } });
    expect(rig.logs()).toContainEqual(expect.objectContaining({ msg: 'request finished', tenant_id: 'shop' }));
  });
});

describe('callers of one name', () => {
  it('are not one because a key, an issuer and another issuer know the same', async () => {
    const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'ES256' };
    const server = await startLoopbackServer((_exchange, response) => sendJson(response, 200, { keys: [jwk] }));
    servers.push(server);
    const [one, two] = ['https://one.example.com', 'https://two.example.com'];
    const issuers = [one, two].map((iss) => ({ issuer: iss, audience: 'sluice', jwksUri: server.url, tenant: 'shop' }));
    const rig = await createRig({ keys: [key('k-1', { subject: 'ann' }), key('k-2', { subject: 'ann' })], issuers });
    const token = (iss: string): Promise<string> => new SignJWT({ sub: 'ann' }).setProtectedHeader({ alg: 'ES256', kid: 'one' }).setIssuer(iss).setAudience('sluice').setExpirationTime(Date.UTC(2026, 0, 1) / 1_000 + 60).sign(pair.privateKey);
    const bearers = ['k-1', 'k-2', await token(one), await token(two)];
    const send = (method: 'GET' | 'POST', url: string, bearer: string, headers: Record<string, string> = {}) => rig.app.inject({ method, url, headers: { authorization: `Bearer ${bearer}`, ...headers }, ...(method === 'POST' ? { payload: question } : {}) });
    const { id } = (await rig.app.inject({ method: 'POST', url: '/v1/sessions', headers: { authorization: 'Bearer k-1' } })).json<{ id: string }>();
    const job = (await send('POST', '/v1/jobs', 'k-1')).json<{ id: string }>();
    for (const url of [`/v1/sessions/${id}`, `/v1/jobs/${job.id}`]) {
      // A key that takes the place of another one of the same subject is the same caller.
      expect((await Promise.all(bearers.map((bearer) => send('GET', url, bearer)))).map(({ statusCode }) => statusCode)).toEqual([200, 200, 404, 404]);
    }
    const keyed = await Promise.all(bearers.slice(0, 1).map((bearer) => send('POST', '/v1/invoke', bearer, { 'idempotency-key': 'once' })));
    expect(keyed.map(({ statusCode }) => statusCode)).toEqual([200]);
    expect((await send('POST', '/v1/invoke', await token(one), { 'idempotency-key': 'once' })).statusCode).toBe(422);
  });
});

describe('quotas', () => {
  it('keep no tenant out of the queue that another one has filled', async () => {
    const release = Promise.withResolvers<void>();
    const waiting = async () => {
      await release.promise;
      return reply('Thirty days.');
    };
    const content = accessFile.parse({ keys: [key('k-1'), key('k-2', { tenant: 'other' })] });
    const limits = { ...bundleFixture().limits, maxConcurrentRequests: 1, maxQueuedRequests: 2 };
    const { app, dependencies, series } = await createHarness({ model: createScriptedModel(waiting), bundle: bundleFixture({ limits }), access: createClosedAccess({ read: () => content, clock: createFakeClock(), wallClock: createFakeWallClock(), onError: () => {} }) });
    const ask = (bearer: string) => app.inject({ method: 'POST', url: '/v1/invoke', payload: question, headers: { authorization: `Bearer ${bearer}` } });
    const flood = [ask('k-1'), ask('k-1'), ask('k-1')];
    await expect.poll(() => [dependencies.admission.running(), dependencies.admission.queued()]).toEqual([1, 2]);
    expect((await ask('k-1')).statusCode).toBe(503);
    const newcomer = ask('k-2');
    const late = await Promise.race(flood);
    expect([late.statusCode, late.headers['retry-after'], late.headers['ratelimit-policy'], late.headers['ratelimit'], late.json()]).toEqual([429, '1', '"queue";q=1;qu="concurrent-requests"', '"queue";r=0;t=1', expect.objectContaining({ type: 'urn:sluice:problem:quota-exceeded' })]);
    release.resolve();
    expect((await newcomer).statusCode).toBe(200);
    expect((await Promise.all(flood)).map(({ statusCode }) => statusCode).toSorted((one, next) => one - next)).toEqual([200, 200, 429]);
    expect(await series('sluice_requests_total{outcome="rejected"}')).toBe(1);
  });

  it('hold all callers of a tenant together, and are told in the headers', async () => {
    const rig = await createRig({ keys: [key('k-1'), key('k-2'), key('k-3', { tenant: 'other' })], tenants: { shop: { requestsPerMinute: 2 } } });
    expect((await rig.ask('k-1')).headers).toMatchObject({ 'ratelimit-policy': '"tenant";q=2;w=60', ratelimit: '"tenant";r=1;t=30' });
    expect((await rig.ask('k-2')).status).toBe(200);
    expect(await rig.ask('k-1')).toMatchObject({ status: 429, headers: { 'retry-after': '30', ratelimit: '"tenant";r=0;t=60' }, body: { type: 'urn:sluice:problem:quota-exceeded' } });
    const free = await rig.ask('k-3');
    expect([free.status, free.headers['ratelimit']]).toEqual([200, undefined]);
    rig.clock.advance(30_000);
    expect((await rig.ask('k-2')).status).toBe(200);
  });

  it('are not used up by looking, which has ten times as many of its own', async () => {
    const rig = await createRig({ keys: [key('k-1')], tenants: { shop: { requestsPerMinute: 1 } } });
    const look = () => rig.app.inject({ url: '/v1/jobs', headers: { authorization: 'Bearer k-1' } });
    const first = await look();
    expect([first.statusCode, first.headers['ratelimit-policy'], first.headers['ratelimit']]).toEqual([200, '"tenant-reads";q=10;w=60', '"tenant-reads";r=9;t=6']);
    for (let count = 1; count < 10; count += 1) expect((await look()).statusCode).toBe(200);
    const late = await look();
    expect([late.statusCode, late.headers['retry-after'], late.json<{ detail: string }>().detail]).toEqual([429, '6', 'The tenant may look 10 times in 60 s']);
    expect((await rig.ask('k-1')).headers).toMatchObject({ 'ratelimit-policy': '"tenant";q=1;w=60', ratelimit: '"tenant";r=0;t=60' });
    expect((await rig.ask('k-1')).status).toBe(429);
  });
});

describe('tokens', () => {
  const issuer = 'https://id.example.com';

  async function issuing(): Promise<string> {
    const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'ES256' };
    const server = await startLoopbackServer((_exchange, response) => sendJson(response, 200, { keys: [jwk] }));
    servers.push(server);
    return server.url;
  }

  const now = Date.UTC(2026, 0, 1) / 1_000;

  function token(claims: Record<string, unknown>, { by = pair, iss = issuer, aud = 'sluice', exp = now + 60 }: { by?: KeyPair; iss?: string; aud?: string; exp?: number } = {}): Promise<string> {
    return new SignJWT({ sub: 'ann', ...claims }).setProtectedHeader({ alg: 'ES256', kid: 'one' }).setIssuer(iss).setAudience(aud).setExpirationTime(exp).sign(by.privateKey);
  }

  it('are checked by the keys of their issuer', async () => {
    const rig = await createRig({ issuers: [{ issuer, audience: 'sluice', jwksUri: await issuing() }] });
    expect((await rig.ask(await token({ tenant: 'shop' }))).status).toBe(200);
    expect(rig.logs()).toContainEqual(expect.objectContaining({ msg: 'request finished', tenant_id: 'shop' }));
    // Without an end, and without a subject.
    const endless = (claims: Record<string, unknown>, exp?: number): Promise<string> => new SignJWT({ ...claims, ...(exp === undefined ? {} : { exp }) }).setProtectedHeader({ alg: 'ES256', kid: 'one' }).setIssuer(issuer).setAudience('sluice').sign(pair.privateKey);
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify({ iss: issuer, aud: 'sluice', sub: 'ann', tenant: 'shop', exp: now + 60 })).toString('base64url')}.e30`;
    const refused = [token({ tenant: 'shop' }, { by: other }), token({ tenant: 'shop' }, { iss: 'https://evil.example.com' }), token({ tenant: 'shop' }, { aud: 'another' }), token({ tenant: 'shop' }, { exp: now - 31 }), Promise.resolve(unsigned), endless({ sub: 'ann', tenant: 'shop' }), endless({ tenant: 'shop' }, now + 60)];
    for (const each of refused) expect((await rig.ask(await each)).status).toBe(401);
    expect((await rig.ask(await token({}))).status).toBe(403);
  });

  it('that are refused say in the log and the metric why, and in the answer nothing of it', async () => {
    const jwksUri = await issuing();
    const gone = await startLoopbackServer((_exchange, response) => sendJson(response, 500, {}));
    servers.push(gone);
    const away = 'https://away.example.com';
    const rig = await createRig({ keys: [key('old', { expiresAt: '2025-01-01T00:00:00Z' })], issuers: [{ issuer, audience: 'sluice', jwksUri }, { issuer, audience: 'partners', jwksUri }, { issuer: away, audience: 'sluice', jwksUri: gone.url }] });
    const made = (claims: Record<string, unknown>, header: { readonly alg: string; readonly kid: string } = { alg: 'ES256', kid: 'one' }): Promise<string> => new SignJWT({ sub: 'ann', tenant: 'shop', iss: issuer, aud: 'sluice', exp: now + 60, ...claims }).setProtectedHeader(header).sign(pair.privateKey);
    const none = (await made({})).replace(/^[^.]+/, Buffer.from('{"alg":"none"}').toString('base64url'));
    const secret = new Uint8Array(32);
    const shared = await new SignJWT({ sub: 'ann', iss: issuer, aud: 'sluice', exp: now + 60 }).setProtectedHeader({ alg: 'HS256', kid: 'one' }).sign(secret);
    const tries: readonly (readonly [string | undefined, string, string?])[] = [
      [undefined, 'no_credentials'],
      ['wrong', 'unknown_key'],
      ['old', 'expired_key'],
      ['a.b.c', 'malformed'],
      [await made({ iss: 'https://evil.example.com' }), 'issuer'],
      [none, 'algorithm', issuer],
      [shared, 'algorithm', issuer],
      [await made({}, { alg: 'ES256', kid: 'two' }), 'signing_key', issuer],
      [await token({ tenant: 'shop' }, { by: other }), 'signature', issuer],
      [await made({ exp: now - 31 }), 'expired', issuer],
      // By the rules of the audience that it is for, the second one that is looked at.
      [await made({ exp: now - 31, aud: 'partners' }), 'expired', issuer],
      [await made({ nbf: now + 31 }), 'not_yet_valid', issuer],
      [await made({ exp: undefined }), 'no_expiry', issuer],
      [await made({ sub: undefined }), 'no_subject', issuer],
      [await made({ aud: 'another' }), 'audience', issuer],
      [await made({ nbf: 'soon' }), 'claim', issuer],
      [await made({ iss: away }), 'issuer_unavailable', away],
    ];
    for (const [credential, reason, of] of tries) {
      const before = (await rig.series(`sluice_logins_refused_total{reason="${reason}"}`)) ?? 0;
      const lines = rig.logs().length;
      const { status, body } = await rig.ask(credential);
      expect([reason, status]).toEqual([reason, reason === 'issuer_unavailable' ? 503 : 401]);
      expect(Object.keys(body).toSorted()).toEqual(['detail', 'request_id', 'status', 'title', 'type']);
      expect(rig.logs().slice(lines)).toContainEqual(expect.objectContaining({ reason, ...(of === undefined ? {} : { issuer: of }) }));
      expect(await rig.series(`sluice_logins_refused_total{reason="${reason}"}`)).toBe(before + 1);
      if (credential !== undefined && credential.length > 20) expect(rig.logText()).not.toContain(credential.slice(0, 20));
    }
    expect(rig.logText()).not.toMatch(/evil|another|"ann"/);
  });

  it('of an issuer with several audiences are taken for each of them, by the rules of that one', async () => {
    const jwksUri = await issuing();
    const gone = await startLoopbackServer((_exchange, response) => sendJson(response, 500, {}));
    servers.push(gone);
    const issuers = [{ issuer, audience: 'sluice', jwksUri, tenantClaim: 'org' }, { issuer, audience: 'partners', jwksUri, tenant: 'partner' }];
    const rig = await createRig({ issuers, serviceAccounts: { issuer, audience: 'pods', jwksUri, accounts: [{ namespace: 'shop' }] } });
    const asked = async (tenant_id: string, claims: Record<string, unknown>, options: { aud?: string; by?: KeyPair }) => (await rig.ask(await token(claims, options), { tenant_id, ...question })).status;
    expect(await asked('shop', { org: 'shop' }, {})).toBe(200);
    expect(await asked('partner', {}, { aud: 'partners' })).toBe(200);
    expect(await asked('shop', { sub: 'system:serviceaccount:shop:web' }, { aud: 'pods' })).toBe(200);
    // By the rules of its own audience: that of another says nothing of it.
    expect(await asked('partner', {}, {})).toBe(403);
    for (const aud of ['sluice', 'partners', 'pods', 'nobody']) expect((await rig.ask(await token({ org: 'shop', sub: 'system:serviceaccount:shop:web' }, { aud, by: other }))).body).toMatchObject({ status: 401, detail: 'The token is not valid, has expired, or is for somebody else' });
    // One whose keys cannot be had might be the one that it is for.
    rig.write({ issuers: [{ issuer, audience: 'away', jwksUri: gone.url }, ...issuers] });
    rig.clock.advance(5_000);
    expect([await asked('partner', {}, { aud: 'partners' }), await asked('partner', {}, { aud: 'nobody' }), await asked('shop', {}, {})]).toEqual([200, 503, 503]);
  });

  it('that name no key are checked with each one that the issuer has', async () => {
    const keys = await Promise.all([other, pair].map(async ({ publicKey }, index) => ({ ...(await exportJWK(publicKey)), kid: `k-${index}`, alg: 'ES256' })));
    const server = await startLoopbackServer((_exchange, response) => sendJson(response, 200, { keys }));
    servers.push(server);
    const rig = await createRig({ issuers: [{ issuer, audience: 'sluice', jwksUri: server.url }] });
    const nameless = ({ privateKey }: KeyPair, exp = now + 60): Promise<string> => new SignJWT({ sub: 'ann', tenant: 'shop' }).setProtectedHeader({ alg: 'ES256' }).setIssuer(issuer).setAudience('sluice').setExpirationTime(exp).sign(privateKey);
    for (const by of [pair, other]) expect((await rig.ask(await nameless(by))).status).toBe(200);
    expect((await rig.ask(await nameless(await generateKeyPair('ES256')))).status).toBe(401);
    expect((await rig.ask(await nameless(pair, now - 31))).status).toBe(401);
  });

  it('cannot be checked while the issuer is away, which is told apart from a bad token', async () => {
    const server = await startLoopbackServer((_exchange, response) => sendJson(response, 500, {}));
    servers.push(server);
    const rig = await createRig({ issuers: [{ issuer, audience: 'sluice', jwksUri: server.url }] });
    expect(await rig.ask(await token({ tenant: 'shop' }))).toMatchObject({ status: 503, body: { type: 'urn:sluice:problem:issuer-unavailable' } });
  });

  it('are checked by the keys that are known while the issuer is away for a while, and after a change of the file', async () => {
    let away: 'away' | 'there' = 'there';
    let looks = 0;
    const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'ES256' };
    const server = await startLoopbackServer((_exchange, response) => {
      looks += 1;
      sendJson(response, away === 'away' ? 500 : 200, { keys: [jwk] });
    });
    servers.push(server);
    const issuers = [{ issuer, audience: 'sluice', jwksUri: server.url }];
    const rig = await createRig({ issuers });
    const asked = async (): Promise<number> => (await rig.ask(await token({ tenant: 'shop' }, { exp: now + 90_000 }))).status;
    expect([await asked(), await asked(), looks]).toEqual([200, 200, 1]);
    away = 'away';
    rig.write({ issuers, keys: [key('k-1')] });
    rig.clock.advance(5_000);
    rig.wallClock.advance(3_600_000);
    expect([await asked(), await asked()]).toEqual([200, 200]);
    await expect.poll(() => looks).toBe(2);
    rig.wallClock.advance(1);
    expect(await asked()).toBe(503);
    away = 'there';
    expect(await asked()).toBe(200);
    // What the issuer takes back is no key any more, as soon as it was asked.
    jwk.kid = 'two';
    rig.wallClock.advance(600_001);
    await asked();
    await expect.poll(asked).toBe(401);
  });

  it('of ServiceAccounts let in those that are listed', async () => {
    const cluster = 'https://kubernetes.default.svc';
    const rig = await createRig({ serviceAccounts: { issuer: cluster, audience: 'sluice', jwksUri: await issuing(), accounts: [{ namespace: 'shop' }, { namespace: 'ops', name: 'bot', tenant: 'shop', roles: ['approver'] }] } });
    const account = (sub: string): Promise<string> => token({ sub: `system:serviceaccount:${sub}` }, { iss: cluster });
    expect((await rig.ask(await account('shop:web'), { tenant_id: 'shop', ...question })).status).toBe(200);
    expect((await rig.ask(await account('ops:bot'), { tenant_id: 'shop', ...question })).status).toBe(200);
    for (const sub of ['ops:web', 'rival:web']) expect((await rig.ask(await account(sub))).status).toBe(403);
  });

  it('of ServiceAccounts are shown to the cluster where that is asked for, those of callers that may ask alone', async () => {
    const cluster = 'https://kubernetes.default.svc';
    let [status, authenticated] = [201, true];
    const reviewing = await startLoopbackServer((_exchange, response) => sendJson(response, status, { status: { authenticated, audiences: ['sluice'] } }));
    servers.push(reviewing);
    const rig = await createRig({ serviceAccounts: { issuer: cluster, audience: 'sluice', jwksUri: await issuing(), reviewUri: reviewing.url, accounts: [{ namespace: 'shop' }] } });
    const asked = async (sub: string, by = pair): Promise<number> => (await rig.ask(await token({ sub: `system:serviceaccount:${sub}` }, { iss: cluster, exp: now + 90_000, by }))).status;
    expect([await asked('shop:web'), await asked('rival:web'), await asked('shop:web', other)]).toEqual([200, 403, 401]);
    expect(reviewing.exchanges).toHaveLength(1);
    authenticated = false;
    rig.wallClock.advance(60_000);
    expect(await asked('shop:web')).toBe(401);
    status = 403;
    rig.wallClock.advance(120_000);
    expect(await asked('shop:web')).toBe(503);
    expect(rig.logText()).toContain('system:auth-delegator');
  });
});
