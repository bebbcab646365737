import { describe, expect, it } from 'vitest';
import { planOf } from '../traffic/testing/routes.ts';
import type { RoutePlan } from '../traffic/route-plan.ts';
import type { HTTPRoute } from '../traffic/http-routes.ts';
import { agentRoute, type RouteRequest } from './http-route.ts';

const owner = { apiVersion: 'sluice.dev/v1alpha1', kind: 'AgentDeployment', name: 'support', uid: 'uid-1', controller: true };
const base: RouteRequest = {
  identity: { agent: 'support', namespace: 'demo' },
  route: { parentRefs: [{ name: 'public', namespace: 'edge', sectionName: 'http' }], hostnames: ['support.example.com'], pathPrefix: '/support' },
  stickiness: undefined,
  plan: planOf({ old: 75, new: 25 }),
  gatewaysAsked: '{"edge/public/http":"2026-11-21T10:00:00.000Z"}',
};

function made(changes: Partial<RouteRequest> = {}): HTTPRoute {
  return agentRoute({ ...base, ...changes }, owner);
}

const rewrite = { type: 'URLRewrite', urlRewrite: { path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/' } } };
const path = { type: 'PathPrefix', value: '/support' };
const backend = (revision: string, weight: number) => ({ group: '', kind: 'Service', name: `support-${revision}`, port: 80, weight });
const timeouts = { request: '0s' };
const pin = (match: unknown, revision: string) => ({ matches: [match], filters: [rewrite], timeouts, backendRefs: [backend(revision, 1)] });
const byHeader = (name: string, value: string) => ({ path, headers: [{ type: 'Exact', name, value }] });

describe('the HTTPRoute of an agent', () => {
  it('divides by weight below its prefix, which is taken off', () => {
    const route = made();
    expect(route.metadata).toMatchObject({ name: 'support', namespace: 'demo', ownerReferences: [owner], annotations: { 'sluice.dev/traffic': '{"weights":{"new":25,"old":75}}', 'sluice.dev/gateways-asked': '{"edge/public/http":"2026-11-21T10:00:00.000Z"}' } });
    expect(route.spec).toEqual({
      parentRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'public', namespace: 'edge', sectionName: 'http' }],
      hostnames: ['support.example.com'],
      rules: [{ matches: [{ path }], filters: [rewrite], timeouts, backendRefs: [backend('old', 75), backend('new', 25)] }, pin(byHeader('x-sluice-revision', 'none'), 'old')],
    });
  });

  it.each([['/', '/', undefined], ['/support/', '/support', [rewrite]]])('under the prefix %s', (pathPrefix, value, filters) => {
    const [rule] = made({ route: { ...base.route, pathPrefix } }).spec.rules ?? [];
    expect(rule?.matches).toEqual([{ path: { type: 'PathPrefix', value } }]);
    expect(rule?.filters).toEqual(filters);
  });

  it('answers for all host names of the Gateway where none is given', () => {
    const { hostnames: _none, ...route } = base.route;
    expect(made({ route }).spec).not.toHaveProperty('hostnames');
  });

  const byCookie = (revision: string) => ({ path, headers: [{ type: 'RegularExpression', name: 'Cookie', value: `^(.*; *)?agent-revision=${revision} *(;.*)?$` }] });
  const sticky = { header: 'x-pin', cookie: 'agent-revision' };

  it('reaches a dark launch by a header', () => {
    expect(made({ plan: planOf({ old: 100 }, { dark: 'new' }) }).spec.rules?.slice(1)).toEqual([pin(byHeader('x-sluice-revision', 'new'), 'new')]);
  });

  it.each<[string, RoutePlan, readonly [string, string][]]>([
    ['two revisions', planOf({ old: 75, new: 25 }), [['old', 'old'], ['new', 'new'], ['none', 'old']]],
    ['three revisions', planOf({ old: 50, new: 25, former: 25 }), [['old', 'old'], ['new', 'new'], ['former', 'former']]],
    ['a dark launch', planOf({ old: 100 }, { dark: 'new' }), [['old', 'old'], ['new', 'new'], ['none', 'old']]],
    ['one revision: nobody is pinned to the places of the others', planOf({ old: 100 }), [['old', 'old'], ['none', 'old'], ['none', 'old']]],
    ['copies reach no user', planOf({ old: 100 }, { mirror: { revision: 'new', percent: 20 } }), [['old', 'old'], ['none', 'old'], ['none', 'old']]],
  ])('pins sessions by header and cookie, with as many rules for %s', (_case, plan, slots) => {
    expect(made({ plan, stickiness: sticky }).spec.rules?.slice(1)).toEqual(slots.flatMap(([asked, revision]) => [pin(byHeader('x-pin', asked), revision), pin(byCookie(asked), revision)]));
  });

  it('reaches a dark launch by a header also where sessions are kept by cookie alone, and nobody else by that header', () => {
    const headers = (plan: RoutePlan) => made({ plan, stickiness: { cookie: 'agent-revision' } }).spec.rules?.slice(1).map(({ matches }) => matches?.[0]?.headers?.[0]).filter((match) => match?.type === 'Exact').map((match) => `${match?.name}=${match?.value}`);
    expect(headers(planOf({ old: 100 }, { dark: 'new' }))).toEqual(['x-sluice-revision=none', 'x-sluice-revision=new', 'x-sluice-revision=none']);
    expect(headers(planOf({ old: 50, new: 50 }))).toEqual(['x-sluice-revision=none', 'x-sluice-revision=none', 'x-sluice-revision=none']);
  });

  it.each<[string, RoutePlan, readonly [string, number][]]>([
    ['three revisions', planOf({ old: 50, new: 25, former: 25 }), [['old', 50], ['new', 25], ['former', 25]]],
    ['two revisions', planOf({ old: 75, new: 25 }), [['old', 74], ['new', 25], ['old', 1]]],
    ['two of which the new one has almost everything', planOf({ old: 1, new: 99 }), [['old', 1], ['new', 98], ['new', 1]]],
    ['one revision', planOf({ old: 100 }), [['old', 98], ['old', 1], ['old', 1]]],
    ['a dark launch', planOf({ old: 100 }, { dark: 'new' }), [['old', 98], ['old', 1], ['old', 1]]],
  ])('sets the cookie with the answers of each revision, by as many backends for %s', (_case, plan, expected) => {
    const [rule] = made({ plan, stickiness: { cookie: 'agent-revision' } }).spec.rules ?? [];
    expect(rule?.backendRefs).toEqual(expected.map(([revision, weight]) => ({
      ...backend(revision, weight),
      filters: [{ type: 'ResponseHeaderModifier', responseHeaderModifier: { add: [{ name: 'Set-Cookie', value: `agent-revision=${revision}; Path=/support; HttpOnly; SameSite=Lax` }] } }],
    })));
  });

  it('knows no pin to a revision that takes no requests: such a session goes by weight', () => {
    for (const stickiness of [undefined, sticky]) expect(JSON.stringify(made({ plan: planOf({ old: 100 }), stickiness }))).not.toContain('new');
  });

  it('copies to the port on which write tools run dry, without sending a user there', () => {
    const { rules } = made({ plan: planOf({ old: 100 }, { mirror: { revision: 'new', percent: 20 } }) }).spec;
    expect(rules).toHaveLength(2);
    expect(rules?.[0]).toMatchObject({
      filters: [rewrite, { type: 'RequestMirror', requestMirror: { backendRef: { group: '', kind: 'Service', name: 'support-new', port: 81 }, percent: 20 } }],
      backendRefs: [backend('old', 100)],
    });
  });

  it.each(['x=1; agent-revision=old', 'agent-revision=old', 'agent-revision=old; y=2', 'a=b;agent-revision=old ;c=d'])('the pattern finds the cookie in "%s"', (header) => {
    const pattern = made({ stickiness: { cookie: 'agent-revision' } }).spec.rules?.[2]?.matches?.[0]?.headers?.[0]?.value ?? '';
    expect(new RegExp(pattern).test(header)).toBe(true);
  });

  it.each(['agent-revision=old2', 'xagent-revision=old', 'a=agent-revision=old', ''])('and not in "%s"', (header) => {
    const pattern = made({ stickiness: { cookie: 'agent-revision' } }).spec.rules?.[2]?.matches?.[0]?.headers?.[0]?.value ?? '';
    expect(new RegExp(pattern).test(header)).toBe(false);
  });
});
