import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { bundleFixture, ticketTool } from '../testing/bundle-fixture.ts';
import { loadBundle, parseBundle } from './bundle.ts';
import { ConfigError } from './config-error.ts';

function problemsOf(work: () => unknown): readonly string[] {
  try {
    work();
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
  return [];
}

const base = bundleFixture();
const http = ticketTool().http;

describe('parseBundle', () => {
  it('accepts a bundle with tools', () => {
    const bundle = bundleFixture({ tools: [ticketTool()] });
    expect(parseBundle(structuredClone(bundle))).toEqual(bundle);
  });

  it.each(['runtime-alone', 'simulated-agent'])('accepts the example %s of a runtime without the operator', (example) => {
    expect(loadBundle(fileURLToPath(new URL(`../../../examples/${example}/agent.json`, import.meta.url))).agent.name).toBe('helpdesk');
  });

  it.each([
    ['a missing member', { ...base, prompt: undefined }, 'prompt is missing. Write a value of type string.'],
    ['an unknown member', { ...base, promt: 'x' }, 'promt is not a known field. Remove it or correct its spelling.'],
    ['a number too small', { ...base, limits: { ...base.limits, maxModelTurns: 0 } }, 'limits.maxModelTurns is not valid: Too small: expected number to be >=1 (got 0). Use at least 1.'],
    ['a wrong type', { ...base, limits: { ...base.limits, maxQueuedRequests: '4' } }, 'limits.maxQueuedRequests is not valid: Invalid input: expected number, received string (got "4"). Write a value of type number.'],
    ['another version', { ...base, schemaVersion: 2 }, 'schemaVersion is not valid: Invalid input: expected 1 (got 2). Write 1.'],
    ['an unknown provider', { ...base, model: { ...base.model, provider: { kind: 'Gemini' } } }, 'Write "Anthropic" or "OpenAI" or "Ollama".'],
    ['an endpoint that is no URL', { ...base, model: { ...base.model, provider: { kind: 'OpenAI', endpoint: 'api.example.com' } } }, 'model.provider.endpoint is not valid: Invalid URL (got "api.example.com"). Write an absolute http or https URL.'],
    ['two tools of a name', { ...base, tools: [ticketTool(), ticketTool()] }, 'tools[1].name is the name of tools[0] too (got "ticket_read"). Give each tool a name of its own.'],
    ['arguments that are no object', { ...base, tools: [ticketTool({ parameters: { type: 'string' } })] }, 'tools[0].parameters.type must be "object" (got "string"). Describe the arguments as one JSON schema object.'],
    ['a schema that does not compile', { ...base, tools: [ticketTool({ parameters: { type: 'object', properties: { id: { type: 'text' } } } })] }, 'tools[0].parameters is no JSON schema'],
    ['an unknown placeholder', { ...base, tools: [ticketTool({ http: { ...http, url: 'https://tickets.example.com/{idd}' } })] }, 'tools[0].http.url has the placeholder {idd}, which is no property of the parameters. Add "idd" to parameters.properties, or correct the placeholder.'],
    ['a placeholder in the host', { ...base, tools: [ticketTool({ http: { ...http, url: 'https://{id}.example.com/' } })] }, 'tools[0].http.url'],
    ['a host that is not allowed', { ...base, tools: [ticketTool({ http: { ...http, allowedHosts: ['*.tickets.example.com'] } })] }, 'which tools[0].http.allowedHosts does not allow, so every call would be refused'],
    ['a pattern that is no host', { ...base, tools: [ticketTool({ http: { ...http, allowedHosts: ['tickets.example.com', 'https://x.com'] } })] }, 'tools[0].http.allowedHosts[1] must be a host name in lower case'],
    ['a network that is none', { ...base, tools: [ticketTool({ http: { ...http, allowedNetworks: ['10.0.0.0/8', '10.0.0.1'] } })] }, 'tools[0].http.allowedNetworks[1] is no network (got "10.0.0.1"). Write a CIDR such as "10.20.0.0/16".'],
    ['a metadata service', { ...base, tools: [ticketTool({ http: { ...http, url: 'http://169.254.169.254/{id}', allowedHosts: ['169.254.169.254'] } })] }, 'tools[0].http.url cannot be called: the host 169.254.169.254 leads to an address that no tool may reach'],
    ['a credential that is not there', { ...base, tools: [ticketTool({ http: { ...http, credential: 'crm' } })] }, 'tools[0].http.credential is no credential of the agent (got "crm"). Correct the name, or add the credential to credentials.'],
    ['a token server that is not allowed', { ...base, credentials: [{ name: 'crm', oauth: { url: 'https://id.example.com/token', allowedHosts: ['other.example.com'], clientId: 'a' } }] }, 'credentials[0].oauth.url has the host id.example.com'],
    ['parameters beside those of a server', { ...base, tools: [{ name: 'x', description: 'x', parameters: { type: 'object' }, mcp: { url: 'https://mcp.example.com', allowedHosts: ['mcp.example.com'], schema: 'Server' }, timeoutMs: 1_000, effect: 'Read' }] }, 'tools[0].parameters exclude mcp.schema: Server'],
  ])('tells %s', (_name, input, sentence) => {
    expect(problemsOf(() => parseBundle(input)).join('\n')).toContain(sentence);
  });

  it('never repeats credentials of a URL', () => {
    const problems = problemsOf(() => parseBundle({ ...base, tools: [ticketTool({ http: { ...http, url: 'https://user:hunter2@tickets.example.com/{idd}' } })], model: { ...base.model, provider: { kind: 'OpenAI', endpoint: 'https://u:hunter2@api.example.com' } } })).join('\n');
    expect(problems).toContain('tools[0].http.url holds credentials');
    expect(problems).toContain('model.provider.endpoint holds credentials');
    expect(problems).not.toContain('hunter2');
  });

  it('tells every problem at once, and cuts long values', () => {
    const problems = problemsOf(() => parseBundle({ ...base, prompt: '', schemaVersion: 9, agent: { namespace: 'shop', name: 7, note: 'x'.repeat(500) } }));
    expect(problems).toHaveLength(4);
    expect(Math.max(...problems.map((problem) => problem.length))).toBeLessThan(200);
  });
});

describe('loadBundle', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bundle-'));

  it('names the variable and the file when there is none', () => {
    expect(problemsOf(() => loadBundle(join(folder, 'none.json')))).toEqual([expect.stringMatching(/^SLUICE_BUNDLE_FILE names a file that does not exist \(got ".*none\.json"\)\. Mount the agent bundle there/)]);
  });

  it('quotes no password that stands in a value', () => {
    expect(new ConfigError([{ field: 'tools[0].http.url', value: 'https://ann:hunter2@api.example.com/', problem: 'is wrong', fix: 'Mend it' }]).message).toBe('tools[0].http.url is wrong (got "https://ann:[redacted]@api.example.com/"). Mend it.');
  });

  it('says that a file is not JSON without quoting it', () => {
    writeFileSync(join(folder, 'bad.json'), '{"prompt": "top secret"');
    expect(problemsOf(() => loadBundle(join(folder, 'bad.json')))).toEqual([expect.stringMatching(/is not JSON .*Write the agent bundle as one JSON object\.$/)]);
  });

  it('reads a bundle', () => {
    writeFileSync(join(folder, 'good.json'), JSON.stringify(base));
    expect(loadBundle(join(folder, 'good.json'))).toEqual(base);
  });
});
