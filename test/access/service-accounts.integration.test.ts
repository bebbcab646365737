import { randomUUID } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectionFromEnvironment, KubeClient, namespaces, Transport } from '@sluice/kube';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../runtime/src/platform/clock-system.ts';
import { systemWallClock } from '../../runtime/src/platform/wall-clock-system.ts';
import type { Access } from '../../runtime/src/server/access/access.ts';
import { accountsAuthority } from '../../runtime/src/server/access/authorities.ts';
import { createClosedAccess } from '../../runtime/src/server/access/closed-access.ts';
import { withPinnedAccess } from '../../runtime/src/server/access/pinned-access.ts';

const call = { signal: new AbortController().signal, deadlineMs: 20_000 };
const namespace = `it-callers-${randomUUID().slice(0, 6)}`;
const audience = 'support.shop.svc';
/** The issuer that the API server names in its own discovery. */
let authority: string;
const connection = connectionFromEnvironment({ env: { KUBECONFIG: process.env['SLUICE_TEST_KUBECONFIG'] } });

let transport: Transport;
let client: KubeClient;
let access: Access;
let place: { readonly folder: string; readonly server: string };

/** A token of a ServiceAccount as the kubelet asks for one; for the API server itself where no audience is named. */
async function tokenOf(account: string, audiences?: readonly string[]): Promise<string> {
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 3_600, ...(audiences === undefined ? {} : { audiences }) } };
  const answer = (await transport.json({ method: 'POST', path: `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`, body, ...call })) as { readonly status: { readonly token: string } };
  return answer.status.token;
}

async function caller(token: string): Promise<unknown> {
  return await access.authenticate({ authorization: `Bearer ${token}` });
}

beforeAll(async () => {
  transport = new Transport({ connection });
  client = new KubeClient({ transport });
  await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, call);
  for (const name of ['agent', 'web', 'batch', 'stranger']) {
    await transport.json({ method: 'POST', path: `/api/v1/namespaces/${namespace}/serviceaccounts`, body: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } }, ...call });
  }
  const { issuer } = (await transport.json({ method: 'GET', path: '/.well-known/openid-configuration', ...call })) as { readonly issuer: string };
  authority = accountsAuthority(issuer);
  const folder = mkdtempSync(join(tmpdir(), 'sluice-callers-'));
  writeFileSync(join(folder, 'token'), await tokenOf('agent'));
  writeFileSync(join(folder, 'ca.crt'), (await connection.trust()).ca ?? '');
  const accounts = [{ namespace, name: 'web', tenant: 'shop', roles: ['approver'] }, { namespace, name: 'batch' }];
  const read = withPinnedAccess(undefined, { serviceAccounts: { audience, accounts } }, { folder, server: connection.server, reviews: 'none' });
  if (read === undefined) throw new Error('there is nothing to read');
  access = createClosedAccess({ read, clock: systemClock, wallClock: systemWallClock, onError: () => {} });
  place = { folder, server: connection.server };
});

afterAll(async () => {
  await transport.json({ method: 'DELETE', path: `/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/${namespace}`, ...call }).catch(() => undefined);
  await client.delete(namespaces, { namespace: '', name: namespace }, {}, call);
  await transport.close();
});

it('lets in the accounts that are listed, by the keys of a real API server, which the agent reads without a right of its own', async () => {
  expect(await caller(await tokenOf('web', [audience]))).toEqual({ tenant: 'shop', subject: `system:serviceaccount:${namespace}:web`, authority, roles: ['approver'] });
  expect(await caller(await tokenOf('batch', [audience]))).toEqual({ tenant: namespace, subject: `system:serviceaccount:${namespace}:batch`, authority, roles: [] });
});

it('refuses those that are not, and tokens for somebody else', async () => {
  await expect(caller(await tokenOf('stranger', [audience]))).rejects.toMatchObject({ facts: { status: 403 } });
  await expect(caller(await tokenOf('web'))).rejects.toMatchObject({ facts: { status: 401 } });
  await expect(caller(await tokenOf('web', ['another-agent']))).rejects.toMatchObject({ facts: { status: 401 } });
  const [head, claims, signature] = (await tokenOf('web', [audience])).split('.');
  const forged = Buffer.from(Buffer.from(claims ?? '', 'base64url').toString('utf8').replaceAll(':web', ':batch')).toString('base64url');
  await expect(caller(`${head}.${forged}.${signature}`)).rejects.toMatchObject({ facts: { status: 401 } });
});

it('refuses a token whose account is gone, a minute after the cluster said that it was there, where the agent may ask', async () => {
  let passed = 0;
  const read = withPinnedAccess(undefined, { serviceAccounts: { audience, accounts: [{ namespace, name: 'leaves' }] } }, { ...place, reviews: 'required' });
  if (read === undefined) throw new Error('there is nothing to read');
  const reviewing = createClosedAccess({ read, clock: systemClock, wallClock: { now: () => systemWallClock.now() + passed }, onError: () => {} });
  const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
  await transport.json({ method: 'POST', path: accounts, body: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'leaves' } }, ...call });
  const headers = { authorization: `Bearer ${await tokenOf('leaves', [audience])}` };
  await expect(reviewing.authenticate(headers)).rejects.toMatchObject({ facts: { status: 503 } });
  const binding = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: namespace },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:auth-delegator' },
    subjects: [{ kind: 'ServiceAccount', name: 'agent', namespace }],
  };
  await transport.json({ method: 'POST', path: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', body: binding, ...call });
  await expect.poll(() => reviewing.authenticate(headers).catch((error: unknown) => error), { timeout: 20_000 }).toMatchObject({ subject: `system:serviceaccount:${namespace}:leaves` });
  await transport.json({ method: 'DELETE', path: `${accounts}/leaves`, ...call });
  expect(await reviewing.authenticate(headers)).toMatchObject({ subject: `system:serviceaccount:${namespace}:leaves` });
  // The API server, too, remembers what it has said, for ten seconds.
  const aMinuteLater = async (): Promise<unknown> => {
    passed += 61_000;
    return await reviewing.authenticate(headers).then(() => 'in', (error: { readonly facts?: { readonly status: number } }) => error.facts?.status);
  };
  await expect.poll(aMinuteLater, { timeout: 30_000, interval: 1_000 }).toBe(401);
});
