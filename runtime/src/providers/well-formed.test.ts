import { expect, it } from 'vitest';
import { anthropicRequest } from './anthropic-messages.ts';
import type { ModelRequest } from './model-client.ts';
import { ollamaRequest } from './ollama-client.ts';
import { openAiRequest } from './openai-messages.ts';

const half = '\ud83d';
const request: ModelRequest = {
  settings: { name: 'm', maxOutputTokens: 9 },
  system: `s${half}`,
  messages: [
    { role: 'user', text: `cut here: ${half}` },
    { role: 'assistant', text: `${half}!`, toolCalls: [{ id: 'c', name: 't', argumentsJson: `{"a":"${half}"}` }] },
    { role: 'tools', results: [{ callId: 'c', content: `cut there: ${half}`, outcome: 'ok' }] },
    { role: 'user', text: 'whole: \u{1F600}' },
  ],
  tools: [],
};

it.each([
  ['Anthropic', anthropicRequest(request)],
  ['Anthropic with marks', anthropicRequest(request, 'Automatic')],
  ['OpenAI', openAiRequest(request, 'max_tokens')],
  ['Ollama', ollamaRequest(request, 'streamed')],
])('half of a character makes no request that %s would refuse', (_name, body) => {
  const json = JSON.stringify(body);
  expect(json).not.toMatch(/\\ud[89a-f]/i);
  expect(json).toContain('cut here: \ufffd');
  expect(json).toContain('cut there: \ufffd');
  expect(json).toContain('whole: \u{1F600}');
});
