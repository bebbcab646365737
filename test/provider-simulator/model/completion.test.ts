import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { complete } from './completion.ts';
import type { Conversation } from './conversation.ts';
import { countTokens, tokens } from './tokens.ts';

const conversation: Conversation = { system: 'Be brief.', turns: [{ role: 'user', text: 'Hello there', toolCalls: [], toolResults: [] }], tools: [], toolChoice: 'auto', maxToolCalls: 1 };
const call = { name: 'order_status', arguments: { order_id: '1042' } };
const unlimited = { maxTokens: undefined, stopSequences: [] };

describe('tokens', () => {
  it('are the text again when joined', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => tokens(text).join('') === text));
  });

  it('are about four characters of English', () => {
    expect(countTokens('The quick brown fox jumps over the lazy dog.')).toBe(10);
  });
});

describe('complete', () => {
  it('counts input and output', () => {
    expect(complete(conversation, { text: 'Good day.', toolCalls: [] }, unlimited)).toMatchObject({ stop: 'end', inputTokens: 5, outputTokens: 3 });
  });

  it('cuts at the token limit', () => {
    const cut = complete(conversation, { text: 'one two three four', toolCalls: [] }, { ...unlimited, maxTokens: 2 });
    expect(cut).toMatchObject({ text: 'one two', stop: 'length', outputTokens: 2 });
  });

  it('ends before a stop sequence and says which', () => {
    const ended = complete(conversation, { text: 'one. two! three', toolCalls: [call] }, { ...unlimited, stopSequences: ['!', '. ', ''] });
    expect(ended).toMatchObject({ text: 'one', stop: 'stop-sequence', stopSequence: '. ', toolCalls: [] });
  });

  it('stops for a tool, and for length when the call does not fit', () => {
    expect(complete(conversation, { text: 'Hm.', toolCalls: [call] }, unlimited)).toMatchObject({ stop: 'tool', toolCalls: [call] });
    expect(complete(conversation, { text: 'Hm.', toolCalls: [call] }, { ...unlimited, maxTokens: 5 })).toMatchObject({ stop: 'length', toolCalls: [], outputTokens: 5 });
  });

  it('never exceeds the limit', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 40 }), (text, maxTokens) => {
        const { outputTokens, text: out } = complete(conversation, { text, toolCalls: [] }, { ...unlimited, maxTokens });
        return outputTokens <= maxTokens && countTokens(out) <= maxTokens && text.startsWith(out);
      }),
    );
  });
});
