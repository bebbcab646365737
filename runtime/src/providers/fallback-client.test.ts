import { describe, expect, it } from 'vitest';
import { createScriptedModel, reply, type ScriptedTurn } from '../testing/scripted-model.ts';
import { createFallbackClient, type ModelTarget } from './fallback-client.ts';
import type { CompleteOptions, ModelReply, ModelRequest } from './model-client.ts';
import { ModelError, modelFailures } from './model-error.ts';
import { createTieredClient, fits } from './tiered-client.ts';

const request: ModelRequest = { settings: { name: 'm', maxOutputTokens: 8 }, system: 'Help.', messages: [{ role: 'user', text: 'Hello' }], tools: [] };
const live = { signal: new AbortController().signal };

function target(label: string, ...script: readonly ScriptedTurn[]): ModelTarget {
  return { label, client: createScriptedModel(...script) };
}

async function cutAfterText(_request: ModelRequest, { onText }: CompleteOptions): Promise<ModelReply> {
  onText?.('Hal');
  throw new ModelError('unavailable');
}

describe('fallbacks', () => {
  it('are asked in order, and the one that answered is told', async () => {
    const answers: string[] = [];
    const client = createFallbackClient([target('primary', new ModelError('overloaded')), target('fallback-1', new ModelError('timeout')), target('fallback-2', reply('Here.'))], (label) => answers.push(label));
    expect((await client.complete(request, live)).text).toBe('Here.');
    expect(answers).toEqual(['fallback-2']);
  });

  it.each(modelFailures)('are asked after %s unless the request itself is wrong', async (failure) => {
    const second = createScriptedModel(reply('Here.'));
    const client = createFallbackClient([target('primary', new ModelError(failure)), { label: 'fallback-1', client: second }], () => {});
    if (failure === 'invalid_request') await expect(client.complete(request, live)).rejects.toMatchObject({ failure });
    else expect((await client.complete(request, live)).text).toBe('Here.');
    expect(second.requests).toHaveLength(failure === 'invalid_request' ? 0 : 1);
  });

  it('fail with the error of the first', async () => {
    const client = createFallbackClient([target('primary', new ModelError('rate_limited', { status: 429 })), target('fallback-1', new ModelError('unavailable'))], () => {});
    await expect(client.complete(request, live)).rejects.toMatchObject({ failure: 'rate_limited' });
  });

  it('are not asked once text was told, nor for a caller who left', async () => {
    const second = createScriptedModel(reply('Here.'));
    const client = createFallbackClient([target('primary', cutAfterText), { label: 'fallback-1', client: second }], () => {});
    await expect(client.complete(request, { ...live, onText: () => {} })).rejects.toMatchObject({ failure: 'unavailable' });
    const gone = AbortSignal.abort(new Error('left'));
    await expect(client.complete(request, { signal: gone })).rejects.toThrow('left');
    expect(second.requests).toEqual([]);
  });
});

describe('tiers', () => {
  const small = (...script: readonly ScriptedTurn[]) => ({ label: 'small', client: createScriptedModel(...script), workflows: undefined, maxInputCharacters: 50, maxOutputTokens: 20 });

  it.each([
    ['short enough', { maxInputCharacters: 10, workflows: undefined }, 'chat', true],
    ['too long', { maxInputCharacters: 9, workflows: undefined }, 'chat', false],
    ['its workflow', { maxInputCharacters: undefined, workflows: ['chat'] }, 'chat', true],
    ['another workflow', { maxInputCharacters: 50, workflows: ['refund'] }, 'chat', false],
    ['no workflow', { maxInputCharacters: undefined, workflows: ['refund'] }, undefined, false],
  ])('fit a request: %s', (_name, tier, workflow, expected) => {
    expect(fits(tier, { ...request, caller: { requestId: 'r', workflow } })).toBe(expected);
  });

  it.each([
    ['a refusal', reply('', { stop: 'refused' })],
    ['nothing', reply(' ')],
    ['a cut answer', reply('Half', { stop: 'length' })],
  ])('after %s the next is asked, and what was spent is told', async (_name, poor) => {
    const spent: unknown[] = [];
    const answers: string[] = [];
    const client = createTieredClient([small(poor)], createScriptedModel(reply('Better.')), { onAnswer: (label) => answers.push(label) });
    expect((await client.complete(request, { ...live, onSpent: (usage) => spent.push(usage) })).text).toBe('Better.');
    expect(spent).toEqual([{ inputTokens: 7, outputTokens: 3 }]);
    expect(answers).toEqual([]);
  });

  it('answer themselves when they can, and are left out when they fail', async () => {
    const large = createScriptedModel(reply('Large.'));
    expect((await createTieredClient([small(reply('Small.'))], large, { onAnswer: () => {} }).complete(request, live)).text).toBe('Small.');
    expect((await createTieredClient([small(new ModelError('unavailable'))], large, { onAnswer: () => {} }).complete(request, live)).text).toBe('Large.');
    expect(large.requests).toHaveLength(1);
  });

  it.each<[string, ModelRequest['settings'], string]>([
    ["the caller's limit, where the larger model would be, too", { ...request.settings, maxOutputTokens: 20, limitedBy: 'caller' }, 'Half'],
    ["its own limit, which is smaller than the caller's", { ...request.settings, maxOutputTokens: 21, limitedBy: 'caller' }, 'Better.'],
    ["the agent's limit", { ...request.settings, maxOutputTokens: 20 }, 'Better.'],
  ])('cut at %s', async (_name, settings, text) => {
    const client = createTieredClient([small(reply('Half', { stop: 'length' }))], createScriptedModel(reply('Better.')), { onAnswer: () => {} });
    expect((await client.complete({ ...request, settings }, live)).text).toBe(text);
  });

  it('keep what was told, however it ends', async () => {
    const large = createScriptedModel(reply('Large.'));
    const client = createTieredClient([small(reply('Half', { stop: 'length' }))], large, { onAnswer: () => {} });
    const told: string[] = [];
    expect((await client.complete(request, { ...live, onText: (text) => told.push(text) })).text).toBe('Half');
    expect(told.join('')).toBe('Half');
    expect(large.requests).toEqual([]);
  });
});
