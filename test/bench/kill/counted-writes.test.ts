import { expect, it } from 'vitest';
import { parseApiRequest } from '../../../operator/src/integration/api-request.ts';
import { isCounted, WriteCounter } from './counted-writes.ts';

const request = (method: string, target: string) => parseApiRequest(method, target)!;
const status = request('PATCH', '/apis/argoproj.io/v1alpha1/namespaces/a/rollouts/agent/status');

it.each([
  ['PATCH', '/apis/argoproj.io/v1alpha1/namespaces/a/rollouts/agent/status', true],
  ['POST', '/apis/apps/v1/namespaces/a/replicasets', true],
  ['DELETE', '/api/v1/namespaces/a/configmaps/x', true],
  ['GET', '/apis/apps/v1/namespaces/a/replicasets/x', false],
  ['PUT', '/apis/coordination.k8s.io/v1/namespaces/a/leases/x', false],
  ['POST', '/api/v1/namespaces/a/events', false],
  ['POST', '/apis/events.k8s.io/v1/namespaces/a/events', false],
  ['POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', false],
])('%s %s is a place to be killed at: %s', (method, target, counted) => {
  expect(isCounted(request(method, target))).toBe(counted);
});

it('ends a process at the write that was chosen, counted from the moment on that it is told', () => {
  const counter = new WriteCounter({ write: 2, variant: 'lost' });
  expect(counter.fateOf(status)).toBe('passes');
  counter.begin();
  expect([counter.fateOf(status), counter.fateOf(request('POST', '/api/v1/namespaces/a/events')), counter.fateOf(status)]).toEqual(['passes', 'passes', 'before']);
  expect(counter.titles).toEqual(['patch rollouts/status', 'patch rollouts/status']);
});

it('takes the next write where the one that was to be made is refused', () => {
  const counter = new WriteCounter({ write: 1, variant: 'made' });
  counter.begin();
  expect([counter.fateOf(status), counter.fateOf(status)]).toEqual(['after', 'after']);
});

it('lets an uninterrupted run go on', () => {
  const counter = new WriteCounter(undefined);
  counter.begin();
  expect([counter.fateOf(status), counter.fateOf(status)]).toEqual(['passes', 'passes']);
});
