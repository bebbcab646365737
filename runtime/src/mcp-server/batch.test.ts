import { describe, expect, it } from 'vitest';
import { requestIdPattern } from '../server/contract.ts';
import { callsIn, messagesOf, requestIdsOf } from './batch.ts';

const call = (id: unknown) => ({ jsonrpc: '2.0', id, method: 'tools/call' });

describe('the calls of a body', () => {
  it.each([
    ['none', undefined, 0, 0],
    ['a text', 'tools/call', 0, 0],
    ['one call', call(1), 1, 1],
    ['a batch', [call(1), { method: 'notifications/cancelled' }, null, call('1')], 3, 2],
  ])('%s', (_, body, messages, calls) => {
    expect([messagesOf(body).length, callsIn(body).length]).toEqual([messages, calls]);
  });
});

describe('the request id of a call', () => {
  it('is that of its HTTP request, when it is the only one', () => {
    expect(requestIdsOf('r-1', call(7))(7)).toBe('r-1');
    expect(requestIdsOf('r-1', [call(7), { id: 8, method: 'tools/list' }])(7)).toBe('r-1');
  });

  it('is its own in a batch, and the same when that is sent again', () => {
    const body = [call(1), { id: 2, method: 'tools/list' }, call('1')];
    expect([1, '1'].map(requestIdsOf('r-1', body))).toEqual(['r-1:1', 'r-1:2']);
    expect([1, '1'].map(requestIdsOf('r-1', body))).toEqual(['r-1:1', 'r-1:2']);
  });

  it('is never longer than one may be', () => {
    const ids = [1, 2].map(requestIdsOf('x'.repeat(128), [call(1), call(2)]));
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(id).toMatch(requestIdPattern);
  });
});
