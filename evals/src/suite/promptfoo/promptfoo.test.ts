import type { EvalCase, Expectation } from '@sluice/crds';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileExpectation } from '../../graders/compile-expectation.ts';
import { gradeTranscript } from '../../graders/grade-transcript.ts';
import { fileOf } from '../../testing/cases.ts';
import { expectationOf } from './assertions.ts';
import { promptfooCases } from './promptfoo-cases.ts';
import { quietTime } from '../../testing/quiet-time.ts';

async function imported(text: string): Promise<EvalCase[]> {
  const cases: EvalCase[] = [];
  for await (const { evalCase } of promptfooCases({ ...fileOf(text, 100), name: 'promptfoo.yaml' }).cases()) cases.push(evalCase);
  return cases;
}

const one = (type: string, value?: unknown, threshold?: unknown): Expectation => expectationOf([{ type, value, threshold }], 'tests[0]');
const config = (tests: string, prompts = 'prompts: ["{{question}}"]'): string => `${prompts}\ntests:\n${tests}`;

describe('a promptfoo configuration', () => {
  it('becomes cases, defaults filled in', async () => {
    const cases = await imported(`
description: support
providers: [openai:gpt-x]
prompts: ["Customer: {{question}} ({{ lang }})"]
defaultTest: { vars: { lang: en }, assert: [{ type: not-icontains, value: password }] }
tests:
  - description: Refund, within 30 days!
    vars: { question: "Can I return it?" }
    assert:
      - { type: icontains, value: 30 days }
      - { type: latency, threshold: 5000 }
  - vars: { question: Hello, lang: de }
`);
    expect(cases).toEqual([
      { name: '1-refund-within-30-days', input: { text: 'Customer: Can I return it? (en)' }, expect: { notContains: ['password'], contains: ['30 days'], maxLatency: '5000ms' }, hard: false },
      { name: '2', input: { text: 'Customer: Hello (de)' }, expect: { notContains: ['password'] }, hard: false },
    ]);
  });

  it('has its variables filled in wherever promptfoo fills them in: a text that is never there would always pass', async () => {
    const [imports] = await imported(config(`
  - vars: { question: "Who is {x}?", name: Ann, days: 30 }
    assert:
      - { type: not-icontains, value: "{{ name }}" }
      - { type: icontains-all, value: ["{{days}} days", for] }
      - { type: llm-rubric, value: "Greets {{name}}" }
      - { type: is-json, value: { type: object, required: ["{{name}}"] } }
`));
    expect(imports).toMatchObject({ input: { text: 'Who is {x}?' }, expect: { notContains: ['Ann'], contains: ['30 days', 'for'], judge: { rubric: 'Greets Ann' }, jsonSchema: { required: ['{{name}}'] } } });
  });

  it('with a million open braces is read in time, and a brace within a variable is refused', async () => {
    const began = performance.now();
    await expect(imported(config('  - { assert: [{ type: icontains, value: a }] }', `prompts: ["${'{{'.repeat(1_000_000)}"]`))).rejects.toThrow('tests[0]');
    expect(performance.now() - began).toBeLessThan(5_000);
    await expect(imported(config('  - { vars: { q: a }, assert: [{ type: icontains, value: a }] }', 'prompts: ["{{{q}}}"]'))).rejects.toThrow('prompts[0] has a brace within {{ }}');
  });

  it.each([
    ['an assertion of another kind', config('  - { vars: { question: x }, assert: [{ type: javascript, value: "true" }] }'), 'promptfoo.yaml, tests[0]: the assertion "javascript" cannot be imported; use one of equals, contains'],
    ['a member of an assertion', config('  - { vars: { question: x }, assert: [{ type: equals, value: x, transform: y }] }'), 'tests.0.assert.0: "transform" cannot be imported'],
    ['a member of a test', config('  - { vars: { question: x }, options: {} }'), 'tests.0: "options" cannot be imported'],
    ['a test that asserts nothing', config('  - { vars: { question: x } }'), 'promptfoo.yaml, tests[0]: expect needs contains'],
    ['two texts that must be equal', config('  - { vars: { question: x }, assert: [{ type: equals, value: a }, { type: equals, value: b }] }'), 'two assertions become expect.equals'],
    ['a variable that is missing', config('  - { assert: [{ type: equals, value: a }] }'), 'vars has no "question", which prompts[0] names; add it'],
    ['a file as value', config('  - { vars: { question: x }, assert: [{ type: equals, value: "file://a.txt" }] }'), 'assertion "equals": needs a text as value; files and functions cannot be imported'],
    ['a variable that is missing in a value', config('  - { vars: { question: x }, assert: [{ type: not-contains, value: "{{other}}" }] }'), 'vars has no "other", which assert[0].value names'],
    ['a filter in a value', config('  - { vars: { question: x }, assert: [{ type: equals, value: "{{question | upper}}" }] }'), 'filters cannot be imported'],
    ['a file as variable', config('  - { vars: { question: "file://secret.txt" }, assert: [{ type: equals, value: a }] }'), 'tests[0]: vars.question is a file or holds {{ }}'],
    ['a variable in a variable', config('  - { vars: { question: "{{secret}}" }, assert: [{ type: equals, value: a }] }'), 'vars.question is a file or holds {{ }}'],
    ['a threshold that would be left out', config('  - { vars: { question: x }, assert: [{ type: llm-rubric, value: polite, threshold: 0.9 }] }'), 'assertion "llm-rubric": has a threshold, which cannot be imported here'],
    ['two prompts', config('  - {}', 'prompts: [a, b]'), 'prompts: must hold one prompt'],
    ['a block in a prompt', config('  - { assert: [{ type: equals, value: a }] }', 'prompts: ["{% if x %}"]'), 'prompts[0] may hold variables such as {{question}} only'],
    ['no tests', 'prompts: [a]\ntests: []', 'tests: holds no tests'],
    ['no YAML', 'prompts: [a\ntests: "secret', 'is not YAML'],
    ['a pattern that backtracks at grading', config('  - { vars: { question: x }, assert: [{ type: latency }] }'), 'assertion "latency": needs a number as threshold'],
  ])('is refused for %s', async (_title, text, says) => {
    await expect(imported(text)).rejects.toThrow(says);
    await expect(imported(text)).rejects.not.toThrow('secret');
  });
});

describe('an assertion', () => {
  it.each([
    [one('contains', '30 (days)'), 'Within 30 (days).', 'Pass'],
    [one('contains', 'Within'), 'within', 'Fail'],
    [one('icontains', 'Within'), 'within', 'Pass'],
    [one('contains-any', ['a.c', 'x|y']), 'abc', 'Fail'],
    [one('contains-any', ['a.c', 'x|y']), 'x|y', 'Pass'],
    [one('contains-all', ['a', 'b']), 'a', 'Fail'],
    [one('starts-with', 'Dear'), 'Oh Dear', 'Fail'],
    [one('not-regex', '\\d'), 'seven', 'Pass'],
    [one('equals', 42), '42', 'Pass'],
    [one('is-json'), '{}', 'Pass'],
    [one('is-json', { type: 'object', required: ['a'] }), '{}', 'Fail'],
    [one('is-refusal'), 'I cannot help with that.', 'Pass'],
    [one('cost', undefined, 0.1), 'x', 'NotMeasured'],
    [one('similar', 'x'), 'x', 'NotMeasured'],
    [one('llm-rubric', 'polite'), 'x', 'NotMeasured'],
  ] as const)('%j of %j: %s', async (expectation, answer, verdict) => {
    const context = { evalCase: { name: 'c', input: { text: 'q' } }, signal: new AbortController().signal, onJudgeCost: () => {}, checkTime: quietTime() };
    expect(await gradeTranscript(compileExpectation(expectation), { answer, ending: 'answered', toolCalls: [], latencyMs: 1 }, context)).toMatchObject({ verdict });
  });

  it('"contains" means the text and nothing else, whatever it holds', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1 }), fc.string(), async (text, answer) => {
        const [grader] = compileExpectation(one('contains', text));
        const finding = await grader!.grade({ answer, ending: 'answered', toolCalls: [], latencyMs: 1 }, { evalCase: { name: 'c', input: { text: 'q' } }, signal: new AbortController().signal, onJudgeCost: () => {}, checkTime: quietTime() });
        expect(finding.verdict === 'Pass').toBe(answer.includes(text));
      }),
    );
  });
});
