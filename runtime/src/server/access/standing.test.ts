import { describe, expect, it } from 'vitest';
import type { Caller } from '../../approvals/caller.ts';
import { anonymous } from '../../approvals/caller.ts';
import { accessFile } from './access-file.ts';
import { openAccess } from './open-access.ts';
import { standingIn } from './standing.ts';

const now = Date.UTC(2026, 0, 1);
const sha256 = 'a'.repeat(64);
const key = { id: 'k', sha256, tenant: 'shop', roles: ['clerk', 'approver'] };
const source = { audience: 'sluice', jwksUri: 'https://id.example.com/jwks' };
const ann: Caller = { tenant: 'shop', subject: 'ann', authority: 'keys', roles: ['clerk'] };
const byToken: Caller = { ...ann, authority: 'issuer https://id.example.com' };
const account: Caller = { tenant: 'shop', subject: 'system:serviceaccount:shop:web', authority: 'serviceaccounts https://cluster', roles: ['clerk'] };
const accounts = (...list: object[]) => ({ serviceAccounts: { ...source, issuer: 'https://cluster', accounts: list } });

describe('who asked earlier', () => {
  it.each<[string, object, Caller, readonly string[] | undefined]>([
    ['has its key', { keys: [{ ...key, id: 'ann' }] }, ann, ['clerk']],
    ['has another key of the same subject', { keys: [{ ...key, id: 'new', subject: 'ann' }] }, ann, ['clerk']],
    ['has lost a role', { keys: [{ ...key, id: 'ann', roles: ['approver'] }] }, ann, []],
    ['has no key any more', { keys: [{ ...key, id: 'bob' }] }, ann, undefined],
    ['has one of another tenant', { keys: [{ ...key, id: 'ann', tenant: 'rival' }] }, ann, undefined],
    ['has one that has expired', { keys: [{ ...key, id: 'ann', expiresAt: '2025-12-31T23:59:59Z' }] }, ann, undefined],
    ['has a token of an issuer that is trusted', { issuers: [{ ...source, issuer: 'https://id.example.com' }] }, byToken, ['clerk']],
    ['has one of an issuer for another tenant by now', { issuers: [{ ...source, issuer: 'https://id.example.com', tenant: 'rival' }] }, byToken, undefined],
    ['has one of an issuer for several tenants, each with an audience', { issuers: [{ ...source, issuer: 'https://id.example.com', tenant: 'rival' }, { ...source, issuer: 'https://id.example.com', audience: 'shop', tenant: 'shop' }] }, byToken, ['clerk']],
    ['has one of an issuer that is not trusted any more', { keys: [{ ...key, id: 'ann' }] }, byToken, undefined],
    ['is a ServiceAccount that is listed', accounts({ namespace: 'shop', roles: ['clerk', 'more'] }), account, ['clerk']],
    ['is one that is not listed any more', accounts({ namespace: 'shop', name: 'api' }), account, undefined],
    ['was let in with everybody, before some were named', { keys: [key] }, anonymous, undefined],
    ['was kept by a version that did not say who vouched', { keys: [] }, { tenant: 'shop', subject: 'ann', roles: ['clerk'] }, ['clerk']],
  ])('%s', (_, file, caller, roles) => {
    const found = standingIn(accessFile.parse(file), caller, now);
    expect(found).toEqual(roles === undefined ? undefined : { ...caller, roles });
  });

  it('stays where everybody may ask, without the roles', () => {
    expect(openAccess.standing(ann)).toEqual({ ...ann, roles: [] });
  });
});
