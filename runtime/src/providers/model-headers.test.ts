import { expect, it } from 'vitest';
import { ModelHeaders } from './model-headers.ts';

const headers = new ModelHeaders({ 'content-type': 'application/json', 'set-cookie': ['a=1', 'b=2'], 'x-request-id': 'req_1', 'x-none': undefined });

it('finds a header however its name is written, all values of it, and none that is not there', () => {
  expect([headers.get('Content-Type'), headers.get('set-cookie'), headers.get('x-none'), headers.get('constructor'), headers.get('__proto__')]).toEqual(['application/json', 'a=1, b=2', null, null, null]);
  expect([headers.has('X-Request-Id'), headers.has('toString'), headers.has('x-none')]).toEqual([true, false, false]);
});

it('can be looked through like Headers', () => {
  const all = [['content-type', 'application/json'], ['set-cookie', 'a=1, b=2'], ['x-request-id', 'req_1']];
  const told: string[][] = [];
  headers.forEach((value, name) => told.push([name, value]));
  expect([[...headers], [...headers.entries()], told]).toEqual([all, all, all]);
  expect([[...headers.keys()], [...headers.values()]]).toEqual([all.map(([name]) => name), all.map(([, value]) => value)]);
  expect(Object.fromEntries(new Headers([...headers]))).toEqual(Object.fromEntries(all));
});
