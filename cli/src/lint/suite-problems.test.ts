import { describe, expect, it } from 'vitest';
import { suiteProblems } from './suite-problems.ts';

const suite = (expectation: unknown): unknown => ({ cases: [{ name: 'a', input: { text: 'q' }, expect: expectation }] });

describe('expectations that no answer could be held against', () => {
  it.each([
    [{ matches: ['ok', '(a)\\1'] }, 'spec.cases[0].expect.matches[1]', 'is no regular expression of RE2', 'write it without them'],
    [{ matches: ['([a-z'] }, 'spec.cases[0].expect.matches[0]', 'is no regular expression of RE2 (missing closing ]: `[a-z`)', 'correct it'],
    [{ matches: ['a{2000}'] }, 'spec.cases[0].expect.matches[0]', 'counts above 1000 are not supported', 'write it without them'],
    [{ matches: ['(?=a)b'] }, 'spec.cases[0].expect.matches[0]', 'is no regular expression of RE2', 'write it without them'],
    [{ jsonSchema: { type: 'text' } }, 'spec.cases[0].expect.jsonSchema', 'is no JSON schema of draft 2020-12', 'correct it'],
    [{ jsonPath: [{ path: '$.a' }, { path: '$[' }] }, 'spec.cases[0].expect.jsonPath[1].path', 'is no JSONPath of RFC 9535', 'write for example "$.order.status"'],
    [{ jsonPath: [{ path: "$[?match(@.a, '(a+)+$')]" }] }, 'spec.cases[0].expect.jsonPath[0].path', 'may take for ever', 'use matches, or jsonSchema with a pattern'],
  ])('%j', (expectation, path, finding, fix) => {
    expect(suiteProblems(suite(expectation))).toEqual([{ path, finding: expect.stringContaining(finding), fix }]);
  });

  it.each([[{ matches: ['^ok$'] }], [{}], [{ matches: [] }]])('%j is none, or the schema says so', (expectation) => {
    expect(suiteProblems(suite(expectation))).toEqual([]);
  });
});
