import { expect, it } from 'vitest';
import { createScriptedModel, reply } from '../testing/scripted-model.ts';
import type { ModelRequest } from './model-client.ts';
import { ModelError } from './model-error.ts';
import { createTieredClient } from './tiered-client.ts';

const request: ModelRequest = { settings: { name: 'm', maxOutputTokens: 8 }, system: 'Help.', messages: [{ role: 'user', text: 'Hello' }], tools: [] };

it.each([['before it has told any text', '', 1], ['after it has told some: another model would begin anew', 'Half an ', 0]])('a cheaper model that fails %s', async (_name, told, asked) => {
  const failing = createScriptedModel(async (_request, { onText }) => {
    if (told !== '') onText?.(told);
    throw new ModelError('unavailable');
  });
  const otherwise = createScriptedModel(reply('All of it.'));
  const client = createTieredClient([{ label: 'small', client: failing, workflows: undefined, maxInputCharacters: undefined, maxOutputTokens: 8 }], otherwise, { onAnswer: () => {} });
  const texts: string[] = [];
  const outcome = await client.complete(request, { signal: new AbortController().signal, onText: (text) => texts.push(text) }).catch((error: unknown) => error);
  expect(otherwise.requests).toHaveLength(asked);
  if (asked === 1) expect(outcome).toMatchObject({ text: 'All of it.' });
  else expect([outcome, texts]).toEqual([expect.any(ModelError), ['Half an ']]);
});
