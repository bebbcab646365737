import { describe, expect, it } from 'vitest';
import { planOf } from '../traffic/testing/routes.ts';
import type { HTTPRoute } from '../traffic/http-routes.ts';
import { agentRoute, type RouteRequest } from './http-route.ts';

const owner = { apiVersion: 'sluice.dev/v1alpha1', kind: 'AgentDeployment', name: 'support', uid: 'uid-1', controller: true };
const base: RouteRequest = {
  identity: { agent: 'support', namespace: 'demo' },
  route: { parentRefs: [{ name: 'public', namespace: 'edge', sectionName: 'http' }], hostnames: ['support.example.com'], pathPrefix: '/support' },
  stickiness: undefined,
  plan: planOf({ old: 75, new: 25 }),
};

function made(changes: Partial<RouteRequest> = {}): HTTPRoute {
  return agentRoute({ ...base, ...changes }, owner);
}

const rewrite = { type: 'URLRewrite', urlRewrite: { path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/' } } };
const path = { type: 'PathPrefix', value: '/support' };
const backend = (revision: string, weight: number) => ({ group: '', kind: 'Service', name: `support-${revision}`, port: 80, weight });
const timeouts = { request: '0s' };
const byHeader = (name: string, value: string) => ({ path, headers: [{ type: 'Exact', name, value }] });

describe('the HTTPRoute of an agent', () => {
  it('divides by weight below its prefix, which is taken off', () => {
    const route = made();
    expect(route.metadata).toMatchObject({ name: 'support', namespace: 'demo', ownerReferences: [owner], annotations: { 'sluice.dev/traffic': '{"weights":{"new":25,"old":75}}' } });
    expect(route.spec).toEqual({
      parentRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'public', namespace: 'edge', sectionName: 'http' }],
      hostnames: ['support.example.com'],
      rules: [{ matches: [{ path }], filters: [rewrite], timeouts, backendRefs: [backend('old', 75), backend('new', 25)] }],
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

  it('reaches a dark launch by a header, by its own name where the rollout gives one', () => {
    const plan = planOf({ old: 100 }, { dark: 'new' });
    const pin = (name: string) => ({ matches: [byHeader(name, 'new')], filters: [rewrite], timeouts, backendRefs: [backend('new', 1)] });
    expect(made({ plan }).spec.rules?.slice(1)).toEqual([pin('x-sluice-revision')]);
    expect(made({ plan, stickiness: { header: 'x-pin' } }).spec.rules?.slice(1)).toEqual([
      { ...pin('x-pin'), matches: [byHeader('x-pin', 'old')], backendRefs: [backend('old', 1)] }, pin('x-pin'),
    ]);
  });

  it('pins sessions by header and cookie to the revisions that take requests', () => {
    const rules = made({ stickiness: { header: 'x-pin', cookie: 'agent-revision' } }).spec.rules ?? [];
    expect(rules.slice(1).map(({ matches }) => matches)).toEqual(
      ['old', 'new'].flatMap((revision) => [[byHeader('x-pin', revision)], [{ path, headers: [{ type: 'RegularExpression', name: 'Cookie', value: `^(.*; *)?agent-revision=${revision} *(;.*)?$` }] }]]),
    );
  });

  it('sets the cookie with the answers of each revision', () => {
    const [rule] = made({ stickiness: { cookie: 'agent-revision' } }).spec.rules ?? [];
    expect(rule?.backendRefs?.map(({ name, filters }) => [name, filters?.[0]?.responseHeaderModifier?.add])).toEqual([
      ['support-old', [{ name: 'Set-Cookie', value: 'agent-revision=old; Path=/support; HttpOnly; SameSite=Lax' }]],
      ['support-new', [{ name: 'Set-Cookie', value: 'agent-revision=new; Path=/support; HttpOnly; SameSite=Lax' }]],
    ]);
  });

  it('knows no pin to a revision that takes no requests: such a session goes by weight', () => {
    for (const stickiness of [undefined, { header: 'x-pin', cookie: 'agent-revision' }]) {
      const route = made({ plan: planOf({ old: 100 }), stickiness });
      expect(route.spec.rules).toHaveLength(1);
      expect(JSON.stringify(route)).not.toContain('support-new');
    }
  });

  it('copies to the port on which write tools run dry, without sending a user there', () => {
    const { rules } = made({ plan: planOf({ old: 100 }, { mirror: { revision: 'new', percent: 20 } }), stickiness: { header: 'x-pin' } }).spec;
    expect(rules).toHaveLength(1);
    expect(rules?.[0]).toMatchObject({
      filters: [rewrite, { type: 'RequestMirror', requestMirror: { backendRef: { group: '', kind: 'Service', name: 'support-new', port: 81 }, percent: 20 } }],
      backendRefs: [backend('old', 100)],
    });
  });

  it.each(['x=1; agent-revision=old', 'agent-revision=old', 'agent-revision=old; y=2', 'a=b;agent-revision=old ;c=d'])('the pattern finds the cookie in "%s"', (header) => {
    const pattern = made({ stickiness: { cookie: 'agent-revision' } }).spec.rules?.[1]?.matches?.[0]?.headers?.[0]?.value ?? '';
    expect(new RegExp(pattern).test(header)).toBe(true);
  });

  it.each(['agent-revision=old2', 'xagent-revision=old', 'a=agent-revision=old', ''])('and not in "%s"', (header) => {
    const pattern = made({ stickiness: { cookie: 'agent-revision' } }).spec.rules?.[1]?.matches?.[0]?.headers?.[0]?.value ?? '';
    expect(new RegExp(pattern).test(header)).toBe(false);
  });
});
