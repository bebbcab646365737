import { describe, expect, it } from 'vitest';
import { definitions } from '../definitions.ts';
import { customResourceDefinition } from '../custom-resource-definition.ts';
import { withCaseDefaults } from './case-defaults.ts';
import { evalSuiteSpec } from './spec.ts';

const written = {
  cases: [
    { name: 'plain', input: { text: 'a' }, expect: { contains: ['a'] } },
    { name: 'all', input: { text: 'b' }, tags: ['x'], expect: { mustCite: {}, similarTo: { texts: ['b'] }, judge: { rubric: 'good' } } },
    { name: 'own', input: { text: 'c' }, hard: true, expect: { mustCite: { atLeast: 2 }, similarTo: { texts: ['c'], atLeast: 0 }, judge: { rubric: 'good', repeats: 3 } } },
  ],
  judge: { model: 'm', examples: [{ input: 'i', answer: 'a', rubric: 'r', label: 'Pass' as const }], minSensitivityPercent: 80, minSpecificityPercent: 80 },
  concurrency: 4,
  caseTimeout: '60s',
};

describe('the defaults of a case', () => {
  it('are those of the schema, whoever reads the suite', () => {
    expect(withCaseDefaults(written)).toEqual(evalSuiteSpec.parse(written));
  });

  it('change nothing of a suite in which they are written out', () => {
    const whole = withCaseDefaults(written);
    expect(withCaseDefaults(whole)).toEqual(whole);
  });

  it('are not made by the API server, which would make another list of the one that was applied', () => {
    const suite = definitions.find(({ kind }) => kind === 'EvalSuite');
    expect(suite).toBeDefined();
    expect(defaultsInItems(customResourceDefinition(suite!), 'Outside')).toEqual([]);
  });
});

/** Paths of defaults that stand within the items of a list. */
function defaultsInItems(node: unknown, place: 'Outside' | 'Items', path = ''): string[] {
  if (typeof node !== 'object' || node === null) return [];
  const own = place === 'Items' && !Array.isArray(node) && Object.hasOwn(node, 'default') && !path.endsWith('.properties') ? [path] : [];
  return [...own, ...Object.entries(node).flatMap(([key, value]) => defaultsInItems(value, key === 'items' ? 'Items' : place, `${path}.${key}`))];
}
