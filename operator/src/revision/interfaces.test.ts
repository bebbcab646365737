import { describe, expect, it } from 'vitest';
import { renderBundle } from './bundle.ts';
import { canonicalJson } from './digest.ts';
import { renderEgress } from './egress.ts';
import { sampleAgent, samplePrompt, sampleProvider } from './testing/sample-agent.ts';

type Interfaces = NonNullable<ReturnType<typeof sampleAgent>['spec']['agent']['interfaces']>;

const bundleOf = (interfaces: Interfaces) => renderBundle(sampleAgent({ agent: { interfaces } }), sampleProvider(), samplePrompt);
const interfacesOf = (interfaces: Interfaces) => bundleOf(interfaces).interfaces;

describe('the interfaces of a bundle', () => {
  it('are absent when the agent has none, so that old revisions keep their names', () => {
    expect(canonicalJson(renderBundle(sampleAgent(), sampleProvider(), samplePrompt))).not.toContain('interfaces');
  });

  it('have the address of the Service and the name of the agent where nothing else is said', () => {
    expect(interfacesOf({ description: 'Helps.', mcp: {}, a2a: {} })).toEqual({ description: 'Helps.', url: 'http://support.shop.svc', mcp: { tool: 'support' }, a2a: {} });
  });

  it('take what is said, the address without slashes at its end', () => {
    const skills = [{ id: 'refunds', name: 'Refunds', description: 'Explains refunds.', tags: ['refund'], examples: ['Where is my money?'] }];
    const mcp = { tool: 'ask_support', allowedOrigins: ['https://b.example.com', 'https://a.example.com'] };
    expect(interfacesOf({ description: 'Helps.', url: 'https://agents.example.com/support//', mcp, a2a: { skills } })).toEqual({
      description: 'Helps.',
      url: 'https://agents.example.com/support',
      mcp: { tool: 'ask_support', allowedOrigins: ['https://a.example.com', 'https://b.example.com'] },
      a2a: { skills },
    });
  });

  it('name siblings by their Services, in any order', () => {
    const siblings = [{ name: 'billing', url: 'http://billing.shop.svc' }, { name: 'orders', url: 'http://orders.shop.svc' }];
    expect(interfacesOf({ description: 'Helps.', siblings: ['orders', 'billing'] })?.siblings).toEqual(siblings);
    expect(bundleOf({ description: 'Helps.', siblings: ['orders', 'billing'] })).toEqual(bundleOf({ description: 'Helps.', siblings: ['billing', 'orders'] }));
  });

  it('let no agent be its own sibling', () => {
    expect(() => interfacesOf({ description: 'Helps.', siblings: ['billing', 'support'] })).toThrow(/spec\.agent\.interfaces\.siblings\[1\].*"support".*remove it/);
  });

  it('open the way to siblings, and to nothing when there are none', () => {
    const ports = (interfaces: Interfaces) => renderEgress(undefined, bundleOf(interfaces)).map((rule) => rule.ports);
    expect(ports({ description: 'Helps.', siblings: ['billing'] })).toEqual([[80, 443, 8080], [80, 443, 8080]]);
    expect(ports({ description: 'Helps.', mcp: {} })).toEqual([[443], [443]]);
  });
});
