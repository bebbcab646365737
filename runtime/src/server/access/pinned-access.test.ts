import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { accessFile, type AccessFile } from './access-file.ts';
import { withPinnedAccess } from './pinned-access.ts';

const issuer = { issuer: 'https://id.example.com', audience: 'support', jwksUri: 'https://id.example.com/jwks' };

function folderWith(token: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-cluster-'));
  writeFileSync(join(folder, 'token'), token);
  return folder;
}

const ownToken = `e30.${Buffer.from(JSON.stringify({ iss: 'https://cluster.example', sub: 'system:serviceaccount:shop:support' })).toString('base64url')}.sig`;

function fileOf(content: object): AccessFile {
  return accessFile.parse(content);
}

const outside = { folder: undefined, server: 'https://kubernetes.default.svc', reviews: 'none' } as const;

describe('withPinnedAccess', () => {
  it('leaves an agent as it is whose bundle says nothing of access', () => {
    expect(withPinnedAccess(undefined, undefined, outside)).toBeUndefined();
    const read = (): 'same' => 'same';
    expect(withPinnedAccess(read, undefined, outside)).toBe(read);
  });

  it('needs no file: what is pinned is told once', () => {
    const read = withPinnedAccess(undefined, { issuers: [issuer] }, outside);
    expect([read?.(), read?.()]).toEqual([expect.objectContaining({ keys: [], issuers: [{ ...issuer, tenantClaim: 'tenant', rolesClaim: 'roles' }] }), 'same']);
  });

  it('adds to a file that changes, and goes before it', () => {
    const files: (AccessFile | 'same')[] = [fileOf({ tenants: { shop: { requestsPerMinute: 5 } }, issuers: [{ ...issuer, audience: 'another' }, { ...issuer, issuer: 'https://other.example' }] }), 'same', fileOf({})];
    const read = withPinnedAccess(() => files.shift() ?? 'same', { issuers: [issuer] }, outside);
    const first = read?.();
    expect(first).toMatchObject({ tenants: { shop: { requestsPerMinute: 5 } }, issuers: [{ issuer: 'https://id.example.com', audience: 'support' }, { issuer: 'https://other.example' }] });
    expect(read?.()).toBe('same');
    expect(read?.()).toMatchObject({ tenants: {}, issuers: [{ audience: 'support' }] });
  });

  it('takes tokens of the issuer that made its own', () => {
    const folder = folderWith(`${ownToken}\n`);
    const read = withPinnedAccess(undefined, { serviceAccounts: { audience: 'support.shop.svc', accounts: [{ namespace: 'shop' }] } }, { ...outside, folder });
    expect(read?.()).toMatchObject({
      serviceAccounts: { issuer: 'https://cluster.example', audience: 'support.shop.svc', jwksUri: 'https://kubernetes.default.svc/openid/v1/jwks', tokenFile: join(folder, 'token'), caFile: join(folder, 'ca.crt'), accounts: [{ namespace: 'shop', roles: [] }] },
    });
    const reviewed = withPinnedAccess(undefined, { serviceAccounts: { audience: 'support.shop.svc', accounts: [{ namespace: 'shop' }] } }, { ...outside, folder, reviews: 'required' });
    expect(reviewed?.()).toMatchObject({ serviceAccounts: { reviewUri: 'https://kubernetes.default.svc/apis/authentication.k8s.io/v1/tokenreviews' } });
  });

  it.each([
    ['no folder', undefined, 'is not set'],
    ['no token', join(tmpdir(), 'sluice-nowhere'), "without the pod's own token"],
    ['something else', folderWith('hunter2'), 'is no token of a ServiceAccount'],
  ])('says what is wrong with %s, without what is in the file', (_, folder, problem) => {
    const open = (): unknown => withPinnedAccess(undefined, { serviceAccounts: { audience: 'a', accounts: [{ namespace: 'shop' }] } }, { ...outside, folder });
    expect(open).toThrow(expect.objectContaining({ problems: [expect.objectContaining({ field: 'SLUICE_CLUSTER_DIR', problem: expect.stringContaining(problem) })] }));
    expect(open).not.toThrow(/hunter2/);
  });
});
