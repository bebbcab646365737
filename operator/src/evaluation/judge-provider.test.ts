import { expect, test } from 'vitest';
import { type JudgeProvider, twoJudges } from './judge-provider.ts';
import { sampleSuite } from './testing/sample-run.ts';

const suite = { ...sampleSuite, judge: { model: 'judge-1', examples: [], minSensitivityPercent: 80, minSpecificityPercent: 80 } };
const own: JudgeProvider = { kind: 'Anthropic' };
const proxy: JudgeProvider = { kind: 'OpenAI', endpoint: 'https://user:secret@llm.example:8443/v1?key=secret' };

test('two judges are told, and where each of them is, without what an address holds beside', () => {
  expect(twoJudges({ suite, stable: own, canary: proxy })).toBe(
    'the judge "judge-1" of the stable revision is at the endpoint of Anthropic and that of the new one at OpenAI on llm.example:8443: a part of the difference may be between the two judges, each of which was held against the examples',
  );
  expect(twoJudges({ suite, stable: proxy, canary: { ...proxy, endpoint: 'https://other.example' } })).toContain('OpenAI on other.example');
});

test.each([
  ['one judge', { suite, stable: proxy, canary: { ...proxy } }],
  ['nobody', { suite: sampleSuite, stable: own, canary: proxy }],
  ['a judge of whom it is not known where it is', { suite, stable: undefined, canary: proxy }],
])('%s is not two', (_what, judged) => {
  expect(twoJudges(judged)).toBeUndefined();
});
