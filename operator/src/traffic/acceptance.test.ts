import { describe, expect, it } from 'vitest';
import { acceptanceOf, answerPatienceMs } from './acceptance.ts';
import { gatewaysAsked, gatewaysAskedAnnotation } from './gateways-asked.ts';
import type { RouteParentStatus } from './http-routes.ts';
import { accepted, answer, condition, createdAt, gateway, planOf, routeObject } from './testing/routes.ts';

const plan = planOf({ old: 100 });
const elsewhere = { name: 'public', namespace: 'other' };

function judged(parents: readonly RouteParentStatus[], now = createdAt + 1_000) {
  return acceptanceOf(routeObject(plan, parents), now);
}

describe('acceptanceOf', () => {
  it('is verified when the Gateway accepts the route as it is now and resolves its references', () => {
    expect(judged([answer(accepted)])).toEqual({ state: 'Verified', answers: 'All', backends: 'Available' });
  });

  it.each<[string, readonly RouteParentStatus[], string]>([
    ['no answer yet', [], 'Waiting for Gateway edge/public to answer for the HTTPRoute'],
    ['an answer of another Gateway of that name', [answer(accepted, elsewhere)], 'Waiting for Gateway edge/public to answer for the HTTPRoute'],
    ['an answer for an earlier generation', [answer(accepted.map((each) => ({ ...each, observedGeneration: 2 })))], 'Waiting for Gateway edge/public to accept the HTTPRoute as it is now'],
    ['references that nobody has looked at', [answer([condition('Accepted', 'True')])], 'Waiting for Gateway edge/public to accept the HTTPRoute as it is now'],
    ['no conditions', [answer([])], 'Waiting for Gateway edge/public to accept the HTTPRoute as it is now'],
  ])('is pending, and the weights in force unknown: %s', (_case, parents, message) => {
    expect(judged(parents)).toEqual({ state: 'Pending', answers: 'NotAll', backends: 'Available', message });
  });

  it('waits for a Service that the controller has not seen yet; the other weights are in force', () => {
    const unknown = condition('ResolvedRefs', 'False', { reason: 'BackendNotFound', message: 'Service demo/support-new not found' });
    expect(judged([answer([condition('Accepted', 'True'), unknown])])).toEqual({
      state: 'Pending', answers: 'All', backends: 'Available', message: 'Gateway edge/public does not know a Service of the HTTPRoute yet: Service demo/support-new not found (BackendNotFound)',
    });
  });

  it.each<[string, RouteParentStatus, string]>([
    ['the route', answer([condition('Accepted', 'False', { reason: 'NotAllowedByListeners', message: 'No listener takes routes of namespace demo.' })]), 'Gateway edge/public does not take the HTTPRoute: No listener takes routes of namespace demo (NotAllowedByListeners)'],
    ['its host names', answer([condition('Accepted', 'False', { reason: 'NoMatchingListenerHostname', message: '' })]), 'Gateway edge/public does not take the HTTPRoute: NoMatchingListenerHostname'],
    ['copies', answer([condition('Accepted', 'False', { reason: 'UnsupportedValue', message: 'RequestMirror is not supported' })]), 'Gateway edge/public does not take the HTTPRoute: RequestMirror is not supported (UnsupportedValue)'],
    ['a reference', answer([condition('Accepted', 'True'), condition('ResolvedRefs', 'False', { reason: 'RefNotPermitted', message: 'no ReferenceGrant' })]), 'Gateway edge/public does not take the HTTPRoute: no ReferenceGrant (RefNotPermitted)'],
    ['a part', answer([...accepted, condition('PartiallyInvalid', 'True', { reason: 'UnsupportedValue', message: 'Dropped Rule(s) [1]' })]), 'Gateway edge/public does not take the HTTPRoute: Dropped Rule(s) [1] (UnsupportedValue)'],
  ])('is refused in the words of the Gateway: it does not take %s', (_what, parent, message) => {
    expect(judged([parent])).toEqual({ state: 'Refused', answers: 'All', backends: 'Available', reason: expect.any(String) as string, message });
  });

  it('is refused after a while where nobody answers for the Gateway', () => {
    expect(judged([], createdAt + answerPatienceMs - 1).state).toBe('Pending');
    expect(judged([], createdAt + answerPatienceMs)).toMatchObject({ state: 'Refused', answers: 'All', message: 'Nobody answers for Gateway edge/public: make the Gateway, or correct spec.route.parentRefs, and see that the controller of its class runs' });
  });

  describe('on a route that is an hour old', () => {
    const hour = 3_600_000;
    const changedAt = createdAt + hour;
    const [first, second] = [gateway, elsewhere];
    const asked = (since: Readonly<Record<string, number>>) => gatewaysAsked({ parentRefs: [first, second], routeNamespace: 'demo', since: new Map(Object.entries(since)), now: changedAt });
    const at = (now: number, note: string | undefined, parents = [answer(accepted)]) => {
      const route = routeObject(plan, parents);
      route.spec.parentRefs = [first, second];
      route.metadata.annotations = { ...route.metadata.annotations, ...(note === undefined ? { [gatewaysAskedAnnotation]: '' } : { [gatewaysAskedAnnotation]: note }) };
      return acceptanceOf(route, now);
    };

    it.each<[string, number, string | undefined, 'Pending' | 'Refused']>([
      ['a Gateway that was added just now is waited for', changedAt, asked({ 'edge/public': createdAt }), 'Pending'],
      ['up to the last moment', changedAt + answerPatienceMs - 1, asked({ 'edge/public': createdAt }), 'Pending'],
      ['and no longer', changedAt + answerPatienceMs, asked({ 'edge/public': createdAt }), 'Refused'],
      ['one that was there from the start and is silent is refused', changedAt, asked({ 'edge/public': createdAt, 'other/public': createdAt }), 'Refused'],
      ['a clock that runs behind the one that wrote the note waits longer, never shorter', changedAt - hour, asked({ 'edge/public': createdAt }), 'Pending'],
      ['without a note nobody knows since when, so it is waited for', changedAt + hour, undefined, 'Pending'],
      ['nor with a note that a hand has made unreadable', changedAt + hour, '{"other/public":"yesterday"}', 'Pending'],
      ['nor with one that says nothing of it', changedAt + hour, '[]', 'Pending'],
    ])('%s', (_case, now, note, state) => {
      expect(at(now, note)).toMatchObject({ state, answers: state === 'Pending' ? 'NotAll' : 'All' });
    });

    it('does not count for one that answers', () => {
      expect(at(changedAt + hour, undefined, [answer(accepted), answer(accepted, second)]).state).toBe('Verified');
    });
  });

  it('says that no ready pod is known, though the weights are in force', () => {
    const missing = condition('BackendsAvailable', 'False', { reason: 'EndpointsNotFound', message: 'no ready endpoints' });
    expect(judged([answer([...accepted, missing])])).toEqual({ state: 'Verified', answers: 'All', backends: 'Missing', message: 'Gateway edge/public knows no ready pod yet: no ready endpoints (EndpointsNotFound)' });
  });

  it('believes the controller that accepts where several answer for one Gateway', () => {
    const other = answer([condition('Accepted', 'False', { reason: 'NoMatchingParent' })]);
    expect(judged([other, answer(accepted)]).state).toBe('Verified');
  });

  it('wants every Gateway that the spec names: one that is silent outweighs one that refuses', () => {
    const route = routeObject(plan, [answer(accepted)]);
    route.spec.parentRefs = [gateway, { ...gateway, sectionName: 'inside' }];
    expect(acceptanceOf(route, createdAt)).toMatchObject({ state: 'Pending', answers: 'NotAll', message: 'Waiting for Gateway edge/public, listener inside to answer for the HTTPRoute' });
    route.status = { parents: [answer(accepted), answer([condition('Accepted', 'False')], { ...gateway, sectionName: 'inside' })] };
    expect(acceptanceOf(route, createdAt)).toMatchObject({ state: 'Refused', answers: 'All' });
  });

  it('takes a parent without a namespace for one of the namespace of the route', () => {
    const route = routeObject(plan, [answer(accepted, { name: 'public', namespace: 'demo' })]);
    route.spec.parentRefs = [{ name: 'public' }];
    expect(acceptanceOf(route, createdAt).state).toBe('Verified');
  });
});
