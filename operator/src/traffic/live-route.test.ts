import { describe, expect, it } from 'vitest';
import type { HTTPRoute } from './http-routes.ts';
import { readRoute } from './live-route.ts';
import { decodePlan, encodePlan, planAnnotation } from './route-plan.ts';
import { createdAt, planOf, routeObject } from './testing/routes.ts';

const reading = { servicePrefix: 'support-', now: createdAt };

function edited(route: HTTPRoute, edit: (spec: HTTPRoute['spec']) => void): HTTPRoute {
  const copy = structuredClone(route);
  edit(copy.spec);
  return copy;
}

describe('readRoute', () => {
  it.each([
    ['one revision', planOf({ old: 100 })],
    ['two', planOf({ old: 75, new: 25 })],
    ['a dark launch', planOf({ old: 100 }, { dark: 'new' })],
    ['copies', planOf({ old: 100 }, { mirror: { revision: 'new', percent: 20 } })],
    ['copies that were refused', planOf({ old: 100 }, { refusedCopies: { revision: 'old', message: 'It cannot copy' } })],
  ])('reads what was asked: %s', (_case, plan) => {
    const live = readRoute(routeObject(plan), reading);
    expect(live).toMatchObject({ force: 'Known', acceptance: { state: 'Verified' } });
    expect(live.asked).toEqual(plan);
    expect(live.drift).toBeUndefined();
    expect([...live.names].toSorted()).toEqual([...new Set([...plan.weights.keys(), plan.dark, plan.mirror?.revision])].filter((name) => name !== undefined).toSorted());
  });

  it('tells a weight that a hand wrote from what was asked, and does not believe it', () => {
    const live = readRoute(edited(routeObject(planOf({ old: 75, new: 25 })), ({ rules }) => rules![0]!.backendRefs!.forEach((backend) => (backend.weight = 50))), reading);
    expect(live.asked).toEqual(planOf({ old: 75, new: 25 }));
    expect(live.drift).toBe('Somebody changed how the HTTPRoute divides the requests: it says new 50 %, old 50 %, asked was new 25 %, old 75 %');
    expect(live.force).toBe('Unknown');
  });

  it('sees copies that a hand added, and what they go to', () => {
    const copies = { type: 'RequestMirror' as const, requestMirror: { backendRef: { name: 'elsewhere', port: 80 } } };
    const live = readRoute(edited(routeObject(planOf({ old: 100 })), ({ rules }) => (rules![0]!.filters = [copies])), reading);
    expect(live.drift).toContain('it says old 100 %, copies of 100 % to elsewhere');
    expect(live.names).toContain('elsewhere');
  });

  it('notices that a hand has some rule keep sessions', () => {
    const route = routeObject(planOf({ old: 75, new: 25 }));
    expect(readRoute(route, reading)).not.toHaveProperty('sessions');
    expect(readRoute(edited(route, ({ rules }) => (rules![0]!.sessionPersistence = { type: 'Cookie' })), reading).sessions).toBe('Kept');
  });

  it('knows every revision that any rule names', () => {
    const live = readRoute(edited(routeObject(planOf({ old: 100 })), ({ rules }) => rules!.push({ backendRefs: [{ name: 'support-gone' }] })), reading);
    expect([...live.names]).toEqual(['old', 'gone']);
  });

  it('takes the weights from the route where its note is gone, and says so', () => {
    const route = routeObject(planOf({ old: 75, new: 25 }));
    const live = readRoute({ ...route, metadata: { ...route.metadata, annotations: {} } }, reading);
    expect(live).toMatchObject({ force: 'Unknown', drift: `Annotation ${planAnnotation} of the HTTPRoute was taken away` });
    expect(live.asked).toEqual(planOf({ old: 75, new: 25 }));
  });

  it('does not know what is in force until the Gateway has answered', () => {
    expect(readRoute(routeObject(planOf({ old: 100 }), []), reading)).toMatchObject({ force: 'Unknown', acceptance: { state: 'Pending' } });
  });
});

describe('the note on a route', () => {
  it.each([undefined, '', 'no JSON', '[]', '{"weights":3}'])('that is %j is none', (text) => {
    expect(decodePlan(text)).toBeUndefined();
  });

  it('leaves out what is no part of a plan', () => {
    expect(decodePlan('{"weights":{"a":100,"b":"x"},"dark":5,"mirror":{"revision":"c"}}')).toEqual(planOf({ a: 100 }));
  });

  it('is the same for the same plan, in whatever order', () => {
    expect(encodePlan(planOf({ a: 25, b: 75 }))).toBe(encodePlan(planOf({ b: 75, a: 25 })));
  });
});
