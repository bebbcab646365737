import { agentBundle } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import type { ToolResult } from '../tools/tool-result.ts';
import type { Toolbox } from '../tools/toolbox.ts';
import { compileToolRule, guardToolbox } from './tool-guard.ts';

function guarded(rule: object, result: ToolResult) {
  const rules = agentBundle.shape.guardrails.unwrap().parse({ tools: [{ name: 'r', ...rule }] }).tools ?? [];
  const called: string[] = [];
  const effects: string[] = [];
  const toolbox: Toolbox = {
    descriptions: [],
    effectOf: () => 'Read',
    comparedWith: (name) => (name === 'search' ? 'read' : undefined),
    call: async ({ argumentsJson }) => {
      called.push(argumentsJson);
      return result;
    },
  };
  const box = guardToolbox(toolbox, rules.map(compileToolRule), ({ effect }) => effects.push(effect));
  return { called, effects, call: async (argumentsJson: string) => await box.call({ name: 'search', argumentsJson, requestId: 'q', ref: 'tool-1' }, new AbortController().signal) };
}

const passage = { mark: 'faq/returns#1', source: 'faq', document: 'returns', title: 'Ask bo@example.com', url: 'https://shop.example.com/returns' };

describe('guardToolbox', () => {
  it.each([
    ['lists', '['.repeat(50_000) + ']'.repeat(50_000)],
    ['objects', '{"a":'.repeat(50_000) + '1' + '}'.repeat(50_000)],
  ])('reads arguments of %s that are nested beyond all measure without falling over', async (_, deep) => {
    const { call, called } = guarded({ deny: { patterns: ['^drop'] } }, { kind: 'ok', content: 'x' });
    expect(await call(`{"deep":${deep}}`)).toEqual({ kind: 'ok', content: 'x' });
    // The toolbox behind it refuses them.
    expect(called).toHaveLength(1);
  });

  it('judges the text of arguments that are too deep to walk', async () => {
    const { call, called } = guarded({ deny: { patterns: ['drop'] } }, { kind: 'ok', content: 'x' });
    expect(await call(`{"deep":${'['.repeat(100)}"drop"${']'.repeat(100)}}`)).toMatchObject({ failure: 'refused' });
    expect(called).toEqual([]);
  });

  it('holds what a tool said of its failure to the rules for results', async () => {
    const failure: ToolResult = { kind: 'failed', failure: 'error', reason: 'the tool reported an error', details: 'ask bo@example.com', made: 'unknown' };
    const struck = guarded({ target: 'Results', action: 'Redact', pii: { kinds: ['Email'] } }, failure);
    expect(await struck.call('{}')).toEqual({ ...failure, details: 'ask [EMAIL]' });
    const withheld = guarded({ target: 'Results', deny: { patterns: ['ask'] } }, failure);
    expect(await withheld.call('{}')).toEqual({ kind: 'failed', failure: 'error', reason: 'the tool reported an error; the result was withheld by the rule "r"', made: 'unknown' });
    expect([struck.effects, withheld.effects]).toEqual([['redacted'], ['result_withheld']]);
  });

  it('leaves the citations of a result of which it strikes something out, without that', async () => {
    const { call, effects } = guarded({ target: 'Results', action: 'Redact', pii: { kinds: ['Email'] } }, { kind: 'ok', content: '[faq/returns#1] Ask bo@example.com\nIn 30 days.', passages: [passage] });
    expect(await call('{}')).toEqual({ kind: 'ok', content: '[faq/returns#1] Ask [EMAIL]\nIn 30 days.', passages: [{ ...passage, title: 'Ask [EMAIL]' }] });
    expect(effects).toEqual(['redacted']);
  });

  it('leaves out a citation whose very mark is struck out', async () => {
    const { call } = guarded({ target: 'Results', action: 'Redact', deny: { patterns: ['bluebird'] } }, { kind: 'ok', content: '[faq/bluebird#1]\nText.', passages: [{ ...passage, mark: 'faq/bluebird#1', document: 'bluebird' }] });
    expect(await call('{}')).toEqual({ kind: 'ok', content: '[faq/[REDACTED]#1]\nText.', passages: [] });
  });

  it.each([
    ['read', '[EMAIL]', ['redacted']],
    ['other', 'old@example.com', []],
  ])('holds what a write that waits would change to the rules for results of the tool that read it: %s', async (tool, from, acted) => {
    const diff = [{ path: '/to', from: 'old@example.com', to: 'bo@example.com' }, { path: '/new', to: 'bo@example.com' }];
    const approval = { id: 'a', tool: 'search', diff, expiresAt: 1 };
    const { call, effects } = guarded({ tools: [tool], target: 'Results', action: 'Redact', pii: { kinds: ['Email'] } }, { kind: 'pending', reason: 'It waits.', approval });
    expect(await call('{}')).toEqual({ kind: 'pending', reason: 'It waits.', approval: { ...approval, diff: [{ ...diff[0], from }, diff[1]] } });
    expect(effects).toEqual(acted);
  });
});
