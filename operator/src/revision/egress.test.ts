import { describe, expect, it } from 'vitest';
import { renderBundle } from './bundle.ts';
import { renderEgress } from './egress.ts';
import { sampleAgent, sampleProvider, sampleTool } from './testing/sample-agent.ts';

const bundleWith = (endpoint: string | undefined, urls: readonly string[]) =>
  renderBundle(
    sampleAgent({ agent: { tools: urls.map((url, index) => ({ ...sampleTool, name: `t${index}`, http: { ...sampleTool.http, url } })) } }),
    sampleProvider(endpoint === undefined ? {} : { endpoint }),
    'p',
  );

describe('renderEgress without rules in the spec', () => {
  it('opens the ports of the provider and the tools at any address but metadata addresses', () => {
    expect(renderEgress(undefined, bundleWith('http://llm.local:8000', ['https://a.example.com/x', 'http://b.example.com', 'https://c.example.com:8443/{id}']))).toEqual([
      { cidr: '0.0.0.0/0', except: ['169.254.0.0/16'], ports: [80, 443, 8000, 8443] },
      { cidr: '::/0', except: ['fe80::/10', 'fd00:ec2::254/128'], ports: [80, 443, 8000, 8443] },
    ]);
  });

  it.each([
    [undefined, [443]],
    ['https://llm.example.com', [443]],
    ['http://llm.example.com/v1', [80]],
  ])('provider endpoint %s: ports %j', (endpoint, ports) => {
    expect(renderEgress({}, bundleWith(endpoint, [])).map((rule) => rule.ports)).toEqual([ports, ports]);
  });
});

describe('callbacks', () => {
  it.each([
    [['a.example.com', 'b.example.com'], [443]],
    [['a.example.com', '*.example.com:8443', 'b.example.com:9443'], [443, 8443, 9443]],
    [['a.example.com:8443'], [80, 8443]],
  ])('to %j open %j', (hosts, ports) => {
    const bundle = bundleWith(ports.includes(80) ? 'http://llm.example.com' : 'https://llm.example.com', []);
    const servers = { jobs: { callbacks: { hosts, secretRef: { name: 's', key: 'k' } } } };
    expect(renderEgress(undefined, bundle, servers).map((rule) => rule.ports)).toEqual([ports, ports]);
  });
});

describe('renderEgress with rules in the spec', () => {
  const bundle = bundleWith(undefined, []);

  it('takes them alone, in an order that does not depend on how they were written', () => {
    const egress = [{ cidr: '10.20.0.0/16', ports: [8443, 443, 443] }, { cidr: '10.1.0.0/16', ports: [80] }];
    const rendered = renderEgress({ egress }, bundle);
    expect(rendered).toEqual([{ cidr: '10.1.0.0/16', except: [], ports: [80] }, { cidr: '10.20.0.0/16', except: [], ports: [443, 8443] }]);
    expect(renderEgress({ egress: egress.toReversed() }, bundle)).toEqual(rendered);
  });

  it('opens nothing for an empty list', () => {
    expect(renderEgress({ egress: [] }, bundle)).toEqual([]);
  });

  it.each([
    ['0.0.0.0/0', ['169.254.0.0/16']],
    ['169.0.0.0/8', ['169.254.0.0/16']],
    ['169.254.0.0/15', ['169.254.0.0/16']],
    ['169.254.0.0/16', []],
    ['169.254.169.254/32', []],
    ['::/0', ['fe80::/10', 'fd00:ec2::254/128']],
    ['fd00::/8', ['fd00:ec2::254/128']],
    ['fd00:ec2::254/128', []],
    ['2001:db8::/32', []],
  ])('%s keeps %j closed', (cidr, except) => {
    expect(renderEgress({ egress: [{ cidr, ports: [443] }] }, bundle)).toEqual([{ cidr, except, ports: [443] }]);
  });

  it.each(['10.0.0.0', '10.0.0.0/33', 'host/8', '10.0.0.0/8/8', ''])('refuses %j as a CIDR', (cidr) => {
    expect(() => renderEgress({ egress: [{ cidr: '10.0.0.0/8', ports: [1] }, { cidr, ports: [1] }] }, bundle)).toThrow(/^spec\.network\.egress\[1\]\.cidr is ".*": write a CIDR/);
  });
});
