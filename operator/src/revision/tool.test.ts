import { describe, expect, it } from 'vitest';
import { renderBundle } from './bundle.ts';
import { renderEgress } from './egress.ts';
import { sampleAgent, samplePrompt, sampleProvider, sampleTool } from './testing/sample-agent.ts';

const { http: _http, parameters: _parameters, ...bare } = sampleTool;
const render = (agent: Parameters<typeof sampleAgent>[0]) => renderBundle(sampleAgent(agent), sampleProvider(), samplePrompt);

describe('the tools of a bundle', () => {
  it('are what the spec says, with times in milliseconds and sets in order', () => {
    const write = { roles: ['lead', 'clerk'], approval: { when: 'Always' as const, timeout: '2h', before: { tool: 'orders' } } };
    const { tools } = render({
      agent: {
        tools: [
          { ...sampleTool, effect: 'Write', maxResultBytes: 1_000, maxConcurrentCalls: 2, idempotent: true, retries: 3, select: { result: 'id' }, write },
          { ...bare, name: 'mcp', mcp: { url: 'https://mcp.example.com/mcp', allowedHosts: ['mcp.example.com', 'a.example.com'], tool: 'read' } },
          { ...bare, name: 'sum', transform: { expression: 'sum(items)' } },
          { ...bare, name: 'search', knowledge: { source: 'faq', maxPassages: 5, mustCite: true } },
          { ...bare, name: 'order', openapi: { document: 'shop', operationId: 'getOrder' } },
        ],
      },
    });
    expect(tools[0]).toMatchObject({ maxResultBytes: 1_000, maxConcurrentCalls: 2, idempotent: true, retries: 3, select: { result: 'id' }, write: { roles: ['clerk', 'lead'], approval: { when: 'Always', timeoutMs: 7_200_000, before: { tool: 'orders' } } } });
    expect(tools.slice(1)).toEqual([
      { name: 'mcp', description: 'Finds an order.', parameters: { type: 'object', properties: {} }, mcp: { url: 'https://mcp.example.com/mcp', allowedHosts: ['a.example.com', 'mcp.example.com'], tool: 'read' }, timeoutMs: 10_000, effect: 'Read' },
      { name: 'sum', description: 'Finds an order.', parameters: { type: 'object', properties: {} }, transform: { expression: 'sum(items)' }, timeoutMs: 10_000, effect: 'Read' },
      { name: 'search', description: 'Finds an order.', knowledge: { source: 'faq', maxPassages: 5, mustCite: true }, timeoutMs: 10_000, effect: 'Read' },
      { name: 'order', description: 'Finds an order.', openapi: { document: 'shop', operationId: 'getOrder' }, timeoutMs: 10_000, effect: 'Read' },
    ]);
  });

  it('name credentials, whose secrets stay where they are', () => {
    const oauth = { url: 'https://id.example.com:8443/token', allowedHosts: ['id.example.com', 'a.example.com'], clientId: 'support' };
    const agent = {
      credentials: [{ name: 'crm', secretRef: { name: 'tools-secret', key: 'crm-key' }, header: { name: 'X-API-Key' } }, { name: 'bill', secretRef: { name: 'tools-secret', key: 'bill-key' }, oauth }],
      tools: [{ ...sampleTool, http: { ...sampleTool.http, credential: 'crm' } }, { ...bare, name: 'listed', mcp: { url: 'https://mcp.example.com/mcp', allowedHosts: ['mcp.example.com'], schema: 'Server' as const, credential: 'bill' } }],
    };
    const bundle = render({ agent });
    expect(bundle.credentials).toEqual([{ name: 'crm', header: { name: 'X-API-Key' } }, { name: 'bill', oauth: { ...oauth, allowedHosts: ['a.example.com', 'id.example.com'] } }]);
    expect(bundle.tools.map(({ http, mcp, parameters }) => [http?.credential ?? mcp?.credential, mcp?.schema, parameters === undefined])).toEqual([['crm', undefined, false], ['bill', 'Server', true]]);
    expect(JSON.stringify(bundle)).not.toMatch(/tools-secret|crm-key|bill-key/);
    expect(renderEgress(undefined, bundle)[0]?.ports).toEqual([443, 8443]);
  });

  it('may be reached: the ports of servers and of documents are open', () => {
    const agent = { tools: [{ ...bare, name: 'mcp', mcp: { url: 'http://mcp.tools.svc:8931/mcp', allowedHosts: ['mcp.tools.svc'] } }], openapi: [{ name: 'shop', document: 'openapi: 3.1.0', url: 'https://api.example.com:8443', allowedHosts: ['api.example.com'] }] };
    const bundle = render({ agent });
    expect(bundle.openapi).toEqual(agent.openapi);
    expect(renderEgress(undefined, bundle)[0]?.ports).toEqual([443, 8443, 8931]);
  });
});
