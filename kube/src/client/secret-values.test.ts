import { describe, expect, it } from 'vitest';
import { secretValuesOf } from './secret-values.ts';

const path = '/api/v1/namespaces/n/secrets/s';
const base64 = Buffer.from('hunter2!').toString('base64');

describe('secretValuesOf', () => {
  it.each([
    ['data, decoded as well', { method: 'PUT', path, body: { kind: 'Secret', data: { a: base64 } } }],
    ['stringData', { method: 'POST', path: '/api/v1/namespaces/n/secrets', body: { kind: 'Secret', stringData: { a: 'hunter2!' } } }],
    ['a patch, which has no kind', { method: 'PATCH', path, body: { data: { a: base64, gone: null } } }],
    ['a JSON patch of one value', { method: 'PATCH', path, body: [{ op: 'test', path: '/metadata/name', value: 's' }, { op: 'replace', path: '/data/a', value: base64 }] }],
    ['a JSON patch of all values', { method: 'PATCH', path, body: [{ op: 'add', path: '/stringData', value: { a: 'hunter2!' } }] }],
    ['a JSON patch of the whole', { method: 'PATCH', path, body: [{ op: 'replace', path: '', value: { data: { a: base64 } } }] }],
    ['a Secret that is sent elsewhere', { method: 'POST', path: '/apis/x/v1/copies', body: { kind: 'Secret', data: { a: base64 } } }],
  ] as const)('finds %s', (_what, write) => {
    expect(secretValuesOf(write).map((each) => each.text)).toEqual(['hunter2!']);
  });

  it('finds bytes as they are written and as Go prints them', () => {
    expect(secretValuesOf({ method: 'PUT', path, body: { data: { a: 'AcgC/w==' } } })).toMatchObject([{ encoded: ['AcgC/w==', 'AcgC/w', '1 200 2 255', '01c802ff'] }]);
    expect(secretValuesOf({ method: 'PUT', path, body: { data: { a: 'not base64!' } } })[0]?.encoded).toContain('not base64!');
  });

  it.each([
    ['a ConfigMap', { method: 'PUT', path: '/api/v1/namespaces/n/configmaps/s', body: { kind: 'ConfigMap', data: { a: 'shown' } } }],
    ['a deletion of a Secret', { method: 'DELETE', path, body: { kind: 'DeleteOptions', preconditions: { uid: 'u' } } }],
    ['the metadata of a Secret', { method: 'PATCH', path, body: [{ op: 'add', path: '/metadata/labels/a', value: 'shown' }, { op: 'remove', path: '/data/a' }] }],
    ['a kind with a like name', { method: 'POST', path: '/apis/x/v1/namespaces/n/secrets', body: { kind: 'ExternalSecret', data: { a: 'shown' } } }],
  ] as const)('finds nothing in %s', (_what, write) => {
    expect(secretValuesOf(write)).toEqual([]);
  });
});
