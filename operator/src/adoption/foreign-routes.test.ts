import type { AgentDeployment } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import type { HTTPRoute } from '../traffic/http-routes.ts';
import { foreignRoutes } from './foreign-routes.ts';

const agentWith = (hostnames?: string[]): AgentDeployment =>
  ({ metadata: { name: 'support', namespace: 'demo', uid: 'uid-1' }, spec: { route: { parentRefs: [{ name: 'public', namespace: 'edge', sectionName: 'http' }], pathPrefix: '/', ...(hostnames === undefined ? {} : { hostnames }) } } }) as unknown as AgentDeployment;
const agent = agentWith(['support.example.com']);
const route = (name: string, spec: Partial<HTTPRoute['spec']> = {}, more: Partial<HTTPRoute['metadata']> = {}): HTTPRoute => ({
  apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', metadata: { name, namespace: 'demo', ...more },
  spec: { parentRefs: [{ name: 'public', namespace: 'edge' }], hostnames: ['support.example.com'], rules: [{ backendRefs: [{ name: 'legacy', port: 80 }] }], ...spec },
});
const services = new Set(['support', 'legacy']);
const rivals = (...routes: HTTPRoute[]) => foreignRoutes(agent, routes, services).rivals;

describe('HTTPRoutes of others', () => {
  it('are rivals where they send the same host behind the same Gateway to pods made by hand or to the agent', () => {
    expect(rivals(route('to-legacy'), route('to-agent', { rules: [{ backendRefs: [{ name: 'support', port: 80 }] }] }))).toEqual(['to-legacy', 'to-agent']);
  });

  it.each<[string, Partial<HTTPRoute['spec']>]>([
    ['to another Service', { rules: [{ backendRefs: [{ name: 'shop', port: 80 }] }] }],
    ['to something that is no Service', { rules: [{ backendRefs: [{ kind: 'Function', name: 'legacy' }] }] }],
    ['without backends', { rules: [{}] }],
    ['of another Gateway', { parentRefs: [{ name: 'internal', namespace: 'edge' }] }],
    ['of a Gateway of that name elsewhere', { parentRefs: [{ name: 'public' }] }],
    ['for another host', { hostnames: ['shop.example.com'] }],
    ['for hosts of another domain', { hostnames: ['*.example.org'] }],
  ])('are none: %s', (_case, spec) => {
    expect(rivals(route('other', spec))).toEqual([]);
  });

  it.each<[string, string[] | undefined, string[] | undefined]>([
    ['one for every host', ['support.example.com'], undefined],
    ['one for every host below', ['support.example.com'], ['*.example.com']],
    ['the agent answers for every host below', ['*.example.com'], ['support.example.com']],
    ['the agent answers for every host', undefined, ['support.example.com']],
  ])('are rivals by their host names: %s', (_case, own, hostnames) => {
    const { hostnames: _none, ...spec } = route('other').spec;
    const other = { ...route('other'), spec: hostnames === undefined ? spec : { ...spec, hostnames } };
    expect(foreignRoutes(agentWith(own), [other], services).rivals).toEqual(['other']);
  });

  it('have the name that the agent needs, unless it is the agent\'s own', () => {
    const owned = [{ apiVersion: 'sluice.dev/v1alpha1', kind: 'AgentDeployment', name: 'support', uid: 'uid-1', controller: true }];
    expect(foreignRoutes(agent, [route('support')], services)).toEqual({ ownName: 'Taken', rivals: [] });
    expect(foreignRoutes(agent, [route('support', {}, { ownerReferences: owned })], services)).toEqual({ ownName: 'Free', rivals: [] });
  });
});
