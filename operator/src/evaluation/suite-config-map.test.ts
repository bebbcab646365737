import { evalSuiteSpec, type StoredSuiteSpec } from '@sluice/crds';
import { parseCase } from '@sluice/evals';
import { digestOfCase } from '@sluice/evals/results';
import type { ConfigMap } from '@sluice/kube';
import { describe, expect, test } from 'vitest';
import { frozenSuite, suiteConfigMap } from './suite-config-map.ts';
import { evalRun, frozenCases, sampleSuite } from './testing/sample-run.ts';

describe('suiteConfigMap', () => {
  test('is immutable, belongs to the run and holds the spec of the suite', () => {
    const configMap = frozenCases();
    expect(configMap).toMatchObject({
      apiVersion: 'v1', kind: 'ConfigMap', immutable: true,
      metadata: {
        name: 'support-2-golden', namespace: 'shop', labels: { 'sluice.dev/eval-run': 'support-2-golden' },
        ownerReferences: [{ kind: 'EvalRun', name: 'support-2-golden', uid: 'run-1', controller: true }],
      },
    });
    expect(evalSuiteSpec.parse(JSON.parse(configMap.data!['suite.json']!))).toEqual(sampleSuite);
  });

  test('holds the digests of its cases, which are those that an image of today gives them, defaults written or not', async () => {
    const digestsIn = ({ configMap }: { configMap: ConfigMap }) => JSON.parse(configMap.data?.['digests.json'] ?? '') as Readonly<Record<string, string>>;
    const { hard: _default, ...plain } = sampleSuite.cases[0]!;
    const stored: StoredSuiteSpec = { ...sampleSuite, cases: [plain, sampleSuite.cases[1]!] };
    const made = suiteConfigMap(evalRun(), stored);
    const digests = made.kind === 'ConfigMap' ? digestsIn(made) : {};
    expect(digests).toEqual(Object.fromEntries(sampleSuite.cases.map((each) => [each.name, digestOfCase(parseCase('', each))])));
    expect(digestsIn({ configMap: frozenCases() })).toEqual(digests);
  });

  test('a suite of more than 1 MiB is refused with its size', () => {
    const cases = Array.from({ length: 60 }, (_, index) => ({ ...sampleSuite.cases[0]!, name: `case-${index}`, input: { text: 'ä'.repeat(16_000) } }));
    const made = suiteConfigMap(evalRun(), { ...sampleSuite, cases });
    expect(made.kind).toBe('TooLarge');
    expect(made).toHaveProperty('message', expect.stringMatching(/^suite "golden" has 19\d{5} bytes as JSON, but a ConfigMap holds 1048576: move cases into a file/));
  });
});

describe('frozenSuite', () => {
  test('gives back what was frozen', () => {
    expect(frozenSuite(evalRun(), frozenCases())).toEqual(sampleSuite);
  });

  test.each([
    ['other cases', { 'suite.json': JSON.stringify({ ...sampleSuite, concurrency: 9 }) }],
    ['damaged JSON', { 'suite.json': '{' }],
    ['something else', { 'suite.json': '{}' }],
    ['nothing', {}],
  ])('is undefined for a ConfigMap with %s', (_, data) => {
    expect(frozenSuite(evalRun(), { ...frozenCases(), data })).toBeUndefined();
  });
});
