import { describe, expect, it } from 'vitest';
import { renderBundle } from './bundle.ts';
import { RevisionError } from './error.ts';
import { sampleAgent, samplePrompt, sampleProvider, sampleTool } from './testing/sample-agent.ts';

const render = (agent: Parameters<typeof sampleAgent>[0] = {}, provider: Parameters<typeof sampleProvider>[0] = {}, prompt = samplePrompt) =>
  renderBundle(sampleAgent(agent), sampleProvider(provider), prompt);

function failure(action: () => unknown): RevisionError {
  try {
    action();
  } catch (error) {
    if (error instanceof RevisionError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('renderBundle', () => {
  it('is the agent with durations in milliseconds and defaults for what is not said', () => {
    expect(render()).toEqual({
      schemaVersion: 1,
      agent: { namespace: 'shop', name: 'support' },
      model: { provider: { kind: 'Anthropic' }, name: 'claude-x-20260101', parameters: { maxOutputTokens: 1024 } },
      prompt: samplePrompt,
      tools: [{
        name: 'orders',
        description: 'Finds an order.',
        parameters: { type: 'object', properties: { id: { type: 'string' } } },
        http: { method: 'GET', url: 'https://api.example.com/orders/{id}', allowedHosts: ['api.example.com'] },
        timeoutMs: 10_000,
        effect: 'Read',
      }],
      limits: { requestTimeoutMs: 60_000, maxConcurrentRequests: 16, maxQueuedRequests: 64, maxModelTurns: 8, maxInputCharacters: 32_768 },
    });
  });

  it('takes what is said', () => {
    const limits = { requestTimeout: '1h30m', maxConcurrentRequests: 1, maxQueuedRequests: 0, maxModelTurns: 2, maxInputCharacters: 3 };
    const model = { providerRef: { name: 'p' }, name: 'm', parameters: { temperature: 0, topP: 0.5, maxOutputTokens: 7 } };
    const bundle = render({ agent: { limits, model } }, { kind: 'OpenAI', endpoint: 'http://llm.local:8000/v1' });
    expect(bundle.limits).toEqual({ requestTimeoutMs: 5_400_000, maxConcurrentRequests: 1, maxQueuedRequests: 0, maxModelTurns: 2, maxInputCharacters: 3 });
    expect(bundle.model).toEqual({ provider: { kind: 'OpenAI', endpoint: 'http://llm.local:8000/v1' }, name: 'm', parameters: { temperature: 0, topP: 0.5, maxOutputTokens: 7 } });
  });

  it("takes the price of the agent's model, and none where the provider names none for it", () => {
    const price = { inputDollarsPerMillionTokens: 3, outputDollarsPerMillionTokens: 15 };
    expect(render({}, { prices: [{ model: 'another', ...price, inputDollarsPerMillionTokens: 9 }, { model: 'claude-x-20260101', ...price }] }).model.price).toEqual(price);
    expect(render({}, { prices: [{ model: 'another', ...price }] }).model).not.toHaveProperty('price');
  });

  it('gives a tool without parameters an empty object schema, and no tools an empty list', () => {
    const { parameters: _, ...bare } = sampleTool;
    expect(render({ agent: { tools: [bare] } }).tools[0]?.parameters).toEqual({ type: 'object', properties: {} });
    expect(renderBundle({ ...sampleAgent(), spec: { agent: { image: 'i', model: sampleAgent().spec.agent.model, prompt: {} } } }, sampleProvider(), 'p').tools).toEqual([]);
  });

  it('does not depend on the order of allowed hosts, which are a set', () => {
    const withHosts = (allowedHosts: string[]) => render({ agent: { tools: [{ ...sampleTool, http: { ...sampleTool.http, allowedHosts } }] } });
    expect(withHosts(['b.example.com', 'api.example.com'])).toEqual(withHosts(['api.example.com', 'b.example.com']));
  });

  it('takes the networks of a tool in any order', () => {
    const networks = (allowedNetworks: string[]) => render({ agent: { tools: [{ ...sampleTool, http: { ...sampleTool.http, allowedNetworks } }] } }).tools[0]?.http;
    expect(networks(['10.2.0.0/16', '10.1.0.0/16'])).toMatchObject({ allowedNetworks: ['10.1.0.0/16', '10.2.0.0/16'] });
  });

  it('never holds the reference to the key', () => {
    expect(JSON.stringify(render())).not.toMatch(/anthropic-key|token"/);
  });
});

describe('renderBundle refuses, naming the field, the value and the fix', () => {
  const tool = (part: object) => ({ agent: { tools: [sampleTool, { ...sampleTool, name: 'second', ...part }] } });
  it.each([
    ['parameters that are no object schema', () => render(tool({ parameters: { type: 'array' } })), 'spec.agent.tools[1].parameters.type', /"array".*write type: object/],
    ['parameters without a type', () => render(tool({ parameters: {} })), 'spec.agent.tools[1].parameters.type', /undefined.*write type: object/],
    ['a tool name that providers refuse', () => render(tool({ name: 'a b' })), 'spec.agent.tools[1].name', /"a b": may hold letters/],
    ['a URL that is none', () => render(tool({ http: { ...sampleTool.http, url: 'ftp://x' } })), 'spec.agent.tools[1].http.url', /"ftp:\/\/x"/],
    ['a timeout out of range', () => render(tool({ timeout: '1h' })), 'spec.agent.tools[1].timeout', /3600000/],
    ['a timeout that is no duration', () => render(tool({ timeout: 'soon' })), 'spec.agent.tools[1].timeout', /"soon": write a duration/],
    ['an empty prompt', () => render({}, {}, ''), 'spec.agent.prompt', /""/],
    ['an endpoint that is no URL', () => render({}, { endpoint: 'nowhere' }), 'ModelProvider spec.endpoint', /"nowhere"/],
    ['an agent without a namespace', () => renderBundle({ ...sampleAgent(), metadata: { name: 'a' } }, sampleProvider(), 'p'), 'metadata.namespace', /""/],
  ])('%s', (_, action, field, message) => {
    const error = failure(action);
    expect({ problem: error.problem, field: error.field }).toEqual({ problem: 'InvalidSpec', field });
    expect(error.message).toMatch(message);
    expect(error.message.startsWith(field)).toBe(true);
  });

  it('a long value with a cut, so that the message stays readable', () => {
    const error = failure(() => render(tool({ name: 'x'.repeat(5000) })));
    expect(error.message.length).toBeLessThan(300);
  });
});
