import { describe, expect, it } from 'vitest';
import { bundleFixture } from '../testing/bundle-fixture.ts';
import { parseBundle } from './bundle.ts';
import { ConfigError } from './config-error.ts';

function problems(guardrails: unknown): string {
  try {
    parseBundle({ ...bundleFixture(), guardrails });
    return '';
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message;
  }
}

const deny = { deny: { patterns: ['x'] } };

describe('guardrails of a bundle', () => {
  it.each([
    ['no check', { input: [{ name: 'a' }] }, /guardrails\.input\[0\].*has no check/],
    ['two checks', { output: [{ name: 'a', ...deny, pii: { kinds: ['Email'] } }] }, /guardrails\.output\[0\].*has the checks deny and pii/],
    ['nothing to strike out', { output: [{ name: 'a', action: 'Redact', size: { maxCharacters: 1 } }] }, /output\[0\]\.action.*nothing to strike out with size/],
    ['arguments struck out', { tools: [{ name: 'a', action: 'Redact', ...deny }] }, /tools\[0\]\.action.*would change the call/],
    ['a lookahead', { input: [{ name: 'a', deny: { patterns: ['(?=x)y'] } }] }, /holds a pattern that is no regular expression of RE2/],
    ['a pattern of nothing', { input: [{ name: 'a', deny: { patterns: ['x*'] } }] }, /matches the empty text/],
    ['a huge pattern', { input: [{ name: 'a', deny: { patterns: ['(?:abcdefghij){1000}'] } }] }, /is too large/],
    ['no schema', { output: [{ name: 'a', jsonSchema: { type: 'nothing' } }] }, /guardrails\.output\[0\]\.jsonSchema.*is no JSON schema/],
    ['a schema with a pattern that backtracks', { output: [{ name: 'a', jsonSchema: { type: 'string', pattern: '(a)\\1' } }] }, /patterns of RE2/],
  ])('refuses %s', (_name, guardrails, message) => {
    expect(problems(guardrails)).toMatch(message);
  });

  it('takes rules with one check each', () => {
    expect(problems({ input: [{ name: 'a', ...deny }], output: [{ name: 'a', citation: {} }], tools: [{ name: 'a', maxCalls: 1 }] })).toBe('');
  });
});
