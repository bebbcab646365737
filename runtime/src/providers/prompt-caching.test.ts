import { describe, expect, it } from 'vitest';
import { anthropicRequest, anthropicUsage } from './anthropic-messages.ts';
import type { ModelRequest } from './model-client.ts';
import { openAiUsage } from './openai-messages.ts';
import { costOf } from './token-price.ts';
import { addUsage, noTokens } from './token-usage.ts';

const request: ModelRequest = { settings: { name: 'm', maxOutputTokens: 8 }, system: 'Help.', messages: [{ role: 'user', text: 'Hello' }], tools: [] };

describe('marks for the cache of Anthropic', () => {
  it('are at the prompt and at the end of the conversation', () => {
    const kept = { type: 'ephemeral' };
    expect(anthropicRequest(request, 'Automatic')).toMatchObject({
      system: [{ type: 'text', text: 'Help.', cache_control: kept }],
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello', cache_control: kept }] }],
    });
    const results = { role: 'tools' as const, results: [{ callId: 'a', content: '1', outcome: 'ok' as const }, { callId: 'b', content: '2', outcome: 'ok' as const }] };
    const marked = JSON.stringify(anthropicRequest({ ...request, messages: [...request.messages, results] }, 'Automatic').messages);
    expect(marked.match(/cache_control/g)).toHaveLength(1);
    expect(marked.indexOf('cache_control')).toBeGreaterThan(marked.indexOf('"b"'));
  });

  it('are not there when they are not asked for', () => {
    expect(JSON.stringify(anthropicRequest(request))).not.toContain('cache_control');
  });
});

describe('tokens of the cache', () => {
  const price = { inputDollarsPerMillionTokens: 3, outputDollarsPerMillionTokens: 15, cachedInputDollarsPerMillionTokens: 0.3, cacheWriteDollarsPerMillionTokens: 3.75 };

  it('are counted alike, however the wire counts them', () => {
    expect(anthropicUsage({ input_tokens: 10, output_tokens: 5, cache_read_input_tokens: 100, cache_creation_input_tokens: 20 })).toEqual({ inputTokens: 130, outputTokens: 5, cachedInputTokens: 100, cacheWriteTokens: 20 });
    expect(openAiUsage({ prompt_tokens: 110, completion_tokens: 5, total_tokens: 115, prompt_tokens_details: { cached_tokens: 100 } })).toEqual({ inputTokens: 110, outputTokens: 5, cachedInputTokens: 100 });
    expect(openAiUsage(undefined)).toEqual(noTokens);
  });

  it('have prices of their own, or that of other input', () => {
    const usage = { inputTokens: 130, outputTokens: 5, cachedInputTokens: 100, cacheWriteTokens: 20 };
    expect(costOf(usage, price)).toBeCloseTo((10 * 3 + 100 * 0.3 + 20 * 3.75 + 5 * 15) / 1e6, 12);
    expect(costOf(usage, { inputDollarsPerMillionTokens: 3, outputDollarsPerMillionTokens: 15 })).toBeCloseTo((130 * 3 + 5 * 15) / 1e6, 12);
  });

  it('are added up, and stay away where nobody counts them', () => {
    expect(addUsage({ inputTokens: 1, outputTokens: 2, cachedInputTokens: 1 }, { inputTokens: 3, outputTokens: 4, dollars: 0.5 })).toEqual({ inputTokens: 4, outputTokens: 6, cachedInputTokens: 1, dollars: 0.5 });
    expect(addUsage(noTokens, noTokens)).toEqual(noTokens);
  });
});
