import { expect, it } from 'vitest';
import { compileApprovalRule } from './approval-rule.ts';

const above = { type: 'object', properties: { amount: { type: 'number', exclusiveMinimum: 100 } }, required: ['amount'] };
const rule = (schema: Readonly<Record<string, unknown>> | undefined) => compileApprovalRule({ when: schema === undefined ? 'Always' : 'Matching', timeoutMs: 1, ...(schema === undefined ? {} : { arguments: schema }) });

it.each([
  [{ amount: 101 }, 'needed'],
  [{ amount: 100 }, 'free'],
  [{}, 'free'],
  // The rule cannot tell what a tool makes of these.
  [{ amount: '1000' }, 'needed'],
  [{ amount: [1_000] }, 'needed'],
  [{ amount: null }, 'needed'],
])('a rule for amounts above 100 says of %j: %s', (values, expected) => {
  expect(rule(above)(values)).toBe(expected);
});

it('without a schema every call needs a person, and without a rule none', () => {
  expect([rule(undefined)({}), compileApprovalRule(undefined)({})]).toEqual(['needed', 'free']);
});
