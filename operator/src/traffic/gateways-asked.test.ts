import { describe, expect, it } from 'vitest';
import { askedSince, gatewayKey, gatewaysAsked, gatewaysAskedAnnotation } from './gateways-asked.ts';
import type { HTTPRoute, ParentReference } from './http-routes.ts';
import { createdAt as now, planOf, routeObject } from './testing/routes.ts';

const [one, other] = [{ name: 'public', namespace: 'edge' }, { name: 'inside' }];
const inWords = (parentRefs: readonly ParentReference[], since: Readonly<Record<string, number>> = {}) => gatewaysAsked({ parentRefs, routeNamespace: 'demo', since: new Map(Object.entries(since)), now });

function route(parentRefs: ParentReference[], note: string): HTTPRoute {
  const made = routeObject(planOf({ old: 100 }));
  return { ...made, metadata: { ...made.metadata, annotations: { [gatewaysAskedAnnotation]: note } }, spec: { ...made.spec, parentRefs } };
}

describe('since when the Gateways of a route are asked', () => {
  it.each<[ParentReference, string]>([
    [{ name: 'public', namespace: 'edge' }, 'edge/public'],
    [{ name: 'public' }, 'demo/public'],
    [{ name: 'public', namespace: 'edge', sectionName: 'http' }, 'edge/public/http'],
  ])('%j is %s', (parent, key) => {
    expect(gatewayKey(parent, 'demo')).toBe(key);
  });

  it('is now for those that the route does not name yet, and stays for the others', () => {
    expect(inWords([one, other], { 'edge/public': now - 60_000 })).toBe('{"demo/inside":"2026-11-21T10:00:00.000Z","edge/public":"2026-11-21T09:59:00.000Z"}');
  });

  it('does not change from look to look, so that nothing is written', () => {
    const note = inWords([one, other]);
    const since = askedSince(route([one, other], note));
    expect(gatewaysAsked({ parentRefs: [one, other], routeNamespace: 'demo', since, now: now + 5_000 })).toBe(note);
  });

  it('is forgotten for one that leaves, also by a hand, and begins anew when it comes back', () => {
    expect(inWords([one], { 'edge/public': 0, 'demo/inside': 0 })).not.toContain('inside');
    expect([...askedSince(route([one], inWords([one, other])))]).toEqual([['edge/public', now]]);
  });

  it.each(['', 'null', '"x"', '[1]', '{"edge/public":7}', '{"edge/public":null}', '{'])('is unknown where the note says %s', (note) => {
    expect(askedSince(route([one], note)).size).toBe(0);
  });
});
