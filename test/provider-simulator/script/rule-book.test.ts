import { describe, expect, it } from 'vitest';
import { parseScript } from './parse-script.ts';
import { RuleBook, type CallFacts } from './rule-book.ts';
import type { ScriptInput } from './script.ts';

const call: CallFacts = { path: '/v1/messages', model: 'sim-large', system: 'Refunds within 30 days.', user: 'Can I get a refund?', toolNames: ['order_status'], stream: false, toolResult: false };

function book(rules: NonNullable<ScriptInput['rules']>, random = (): number => 0.5): RuleBook {
  return new RuleBook(parseScript({ rules }).rules, random);
}

describe('RuleBook', () => {
  it.each([
    [{}, true],
    [{ model: 'sim-large' }, true],
    [{ model: 'sim-*' }, true],
    [{ model: 'sim' }, false],
    [{ systemContains: 'REFUNDS' }, true],
    [{ systemContains: 'shipping' }, false],
    [{ userContains: 'refund' }, true],
    [{ userContains: 'order' }, false],
    [{ path: '/v1/messages' as const }, true],
    [{ path: '/v1/chat/completions' as const }, false],
    [{ tool: 'order_status' }, true],
    [{ tool: 'search' }, false],
    [{ stream: true }, false],
    [{ toolResult: false }, true],
    [{ toolResult: true }, false],
    [{ model: 'sim-large', userContains: 'order' }, false],
  ])('%j matches: %s', (match, expected) => {
    expect(book([{ match, respond: { status: 500 } }]).take(call) !== undefined).toBe(expected);
  });

  it('takes the first of two that match', () => {
    expect(book([{ respond: { status: 500 } }, { respond: { status: 429 } }]).take(call)).toMatchObject({ index: 0, rule: { respond: { status: 500 } } });
  });

  it('goes on to the next rule when one is spent, and counts', () => {
    const rules = book([{ times: 2, respond: { status: 529 } }, { match: { model: 'x' }, respond: { status: 500 } }]);
    expect([rules.take(call)?.index, rules.take(call)?.index, rules.take(call)?.index]).toEqual([0, 0, undefined]);
    expect(rules.uses()).toEqual([2, 0]);
  });

  it('takes its share by probability', () => {
    const draws = [0.1, 0.9, 0.29, 0.3];
    const rules = book([{ probability: 0.3, respond: { status: 500 } }], () => draws.shift() ?? 1);
    expect([1, 2, 3, 4].map(() => rules.take(call)?.index)).toEqual([0, undefined, 0, undefined]);
  });

  it('never takes a rule of probability 0 and always one of probability 1', () => {
    expect(book([{ probability: 0, respond: { status: 500 } }], () => 0).take(call)).toBeUndefined();
    expect(book([{ probability: 1, respond: { status: 500 } }], () => 0.999_999).take(call)?.index).toBe(0);
  });
});
