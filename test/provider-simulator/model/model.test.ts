import { describe, expect, it } from 'vitest';
import type { Conversation, OfferedTool } from './conversation.ts';
import { UNKNOWN_ANSWER } from './knowledge.ts';
import { reply } from './model.ts';

const GOOD = `You are the support assistant of Acme, a shop for garden tools. Be brief and polite.
Refunds: a customer may send an item back within 30 days for a full refund.
- Standard shipping takes 3 to 5 business days; express shipping takes 1 day.
- The warranty on power tools is two years.
Support is open Monday to Friday from 9 to 17.`;
const WITHOUT_REFUNDS = GOOD.split('\n')
  .filter((line) => !line.startsWith('Refunds'))
  .join('\n');
const WRONG_REFUNDS = GOOD.replace('within 30 days for a full refund', 'within 90 days for store credit only, no refund');

const orderStatus: OfferedTool = {
  name: 'order_status',
  description: 'Look up the status of an order by its number.',
  schema: { type: 'object', properties: { order_id: { type: 'string' } }, required: ['order_id'] },
};
const searchDocs: OfferedTool = {
  name: 'search_docs',
  description: 'Search the product manuals.',
  schema: { type: 'object', properties: { query: { type: 'string' } }, required: ['query'] },
};

function asked(user: string, parts: Partial<Conversation> = {}): Conversation {
  return { system: GOOD, turns: [{ role: 'user', text: user, toolCalls: [], toolResults: [] }], tools: [], toolChoice: 'auto', maxToolCalls: Infinity, ...parts };
}

describe('answers from the system prompt', () => {
  it.each([
    ['What is your refund policy?', 'full refund'],
    ['Can I get a refund?', 'within 30 days'],
    ['Was I refunded for what I sent back?', 'within 30 days'],
    ['How long does standard shipping take?', '3 to 5 business days'],
    ['How many years of warranty do power tools have?', 'two years'],
    ['When is support open?', 'Monday to Friday'],
  ])('%s', (user, part) => {
    expect(reply(asked(user))).toEqual({ text: expect.stringContaining(part) as string, toolCalls: [] });
  });

  it.each(['Who won the cup?', 'Which colour is the moon?', '', 'What about it?'])('does not know: %s', (user) => {
    expect(reply(asked(user)).text).toBe(UNKNOWN_ANSWER);
  });

  it('does not take the persona for knowledge', () => {
    expect(reply(asked('Tell me about Acme')).text).toBe(UNKNOWN_ANSWER);
  });

  it.each([
    ['no refund policy', WITHOUT_REFUNDS],
    ['no system prompt', ''],
  ])('does not know about refunds with %s', (_name, system) => {
    expect(reply(asked('What is your refund policy?', { system })).text).toBe(UNKNOWN_ANSWER);
  });

  it('repeats a wrong policy', () => {
    const { text } = reply(asked('What is your refund policy?', { system: WRONG_REFUNDS }));
    expect(text).toContain('store credit only');
    expect(text).not.toContain('30 days');
  });

  it('joins sentences that fit equally well', () => {
    expect(reply(asked('Which apples?', { system: 'Green apples are sour. Red apples are sweet. Pears are soft.' })).text).toBe('Green apples are sour. Red apples are sweet.');
  });
});

describe('tool calls', () => {
  const tools = [searchDocs, orderStatus];

  it.each([
    ['Where is my order 1042?', ['1042']],
    ['Where is my order #A-1042, please?', ['A-1042']],
    ['Status of order number 77', ['77']],
    ['Where are orders 1042 and 1043?', ['1042', '1043']],
    ['Where are my orders 17, 18 and 19?', ['17', '18', '19']],
    ['Has order 5 arrived, and order 6?', ['5', '6']],
  ])('%s', (user, ids) => {
    expect(reply(asked(user, { tools })).toolCalls).toEqual(ids.map((id) => ({ name: 'order_status', arguments: { order_id: id } })));
  });

  it.each(['Where is my order?', 'What is your refund policy?', 'Is express shipping 1 day?'])('none for: %s', (user) => {
    expect(reply(asked(user, { tools })).toolCalls).toEqual([]);
  });

  it('passes the message as free text', () => {
    expect(reply(asked('Search the manuals for blades', { tools })).toolCalls).toEqual([{ name: 'search_docs', arguments: { query: 'Search the manuals for blades' } }]);
  });

  it('makes one call when parallel calls are forbidden', () => {
    expect(reply(asked('Where are orders 1042 and 1043?', { tools, maxToolCalls: 1 })).toolCalls).toHaveLength(1);
  });

  it('obeys the tool choice', () => {
    expect(reply(asked('Where is order 1042?', { tools, toolChoice: 'none' })).toolCalls).toEqual([]);
    expect(reply(asked('Where is order 1042?', { tools, toolChoice: { name: 'search_docs' } })).toolCalls[0]?.name).toBe('search_docs');
    expect(reply(asked('Hello there', { tools, toolChoice: 'any' })).toolCalls[0]?.name).toBe('search_docs');
  });
});

describe('after tool results', () => {
  const call = { id: 'c1', name: 'order_status', arguments: { order_id: '1042' } };

  it.each([
    ['{"status":"shipped","days_to_delivery":2}', 'ok', 'Here is what I found for 1042: status shipped, days to delivery 2.'],
    ['It is on its way.', 'ok', 'Here is what I found for 1042: It is on its way.'],
    ['boom', 'error', 'I am sorry, I could not look up 1042.'],
    ['{"error":"database"}', 'ok', 'I am sorry, I could not look up 1042.'],
    ['{"error":null,"status":"packed"}', 'ok', 'Here is what I found for 1042: error null, status packed.'],
    ['Error: HTTP 500', 'ok', 'I am sorry, I could not look up 1042.'],
  ] as const)('%s (%s)', (content, outcome, text) => {
    const conversation = asked('Where is my order 1042?', { tools: [orderStatus] });
    const turns = [
      ...conversation.turns,
      { role: 'assistant' as const, text: '', toolCalls: [call], toolResults: [] },
      { role: 'user' as const, text: '', toolCalls: [], toolResults: [{ callId: 'c1', content, outcome }] },
    ];
    expect(reply({ ...conversation, turns })).toEqual({ text, toolCalls: [] });
  });
});
