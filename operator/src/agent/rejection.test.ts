import type { EvalRun, EvalSuite, Release } from '@sluice/crds';
import { expect, it } from 'vitest';
import { suiteDigest } from '../evaluation/index.ts';
import { releaseIn, twoSteps } from '../release/testing/observations.ts';
import { sampleAgent, sampleRecord } from '../revision/testing/sample-agent.ts';
import { standingRejection } from './rejection.ts';
import { readLedger } from './releases.ts';

const cases = [{ name: 'one', input: { text: 'q' }, expect: { contains: ['a'] }, hard: false }];
const suite: EvalSuite = { apiVersion: 'sluice.dev/v1alpha1', kind: 'EvalSuite', metadata: { name: 'golden' }, spec: { cases, concurrency: 1, caseTimeout: '1s' } };
const harder: EvalSuite = { ...suite, spec: { ...suite.spec, cases: [{ ...cases[0]!, hard: true }] } };
const run = { metadata: { name: 'run' }, spec: { suite: { name: 'golden', digest: suiteDigest(suite.spec) } } } as EvalRun;
const evaluations = [{ suite: 'golden', attempt: 1, evalRun: 'run', verdict: 'Fail' as const, message: '' }];

function rejected(reason: string): Release {
  const release = releaseIn({ phase: 'RolledBack', reason, evaluations });
  return { ...release, spec: { ...release.spec, revision: sampleRecord().revision } };
}

it.each([
  ['nothing has changed', 'EvaluationFailed', twoSteps, suite, 'stands'],
  ['other cases after a failed evaluation', 'EvaluationFailed', twoSteps, harder, 'falls'],
  ['other cases after a failure on live traffic', 'ObjectiveFailed', twoSteps, harder, 'stands'],
  ['another rollout', 'ObjectiveFailed', { ...twoSteps, maxDuration: '2h' }, suite, 'falls'],
  ['no rollout any more', 'MaxDurationExceeded', undefined, suite, 'falls'],
] as const)('%s (%s)', (_what, reason, rollout, now, expected) => {
  const agent = sampleAgent();
  const { rollout: _sample, ...spec } = agent.spec;
  const asked = {
    agent: { ...agent, spec: { ...spec, ...(rollout === undefined ? {} : { rollout }) } },
    desired: { kind: 'Rendered', record: sampleRecord() } as const,
    suites: new Map([['golden', now]]),
    runs: new Map([['run', run]]),
  };
  const rejection = standingRejection(asked, readLedger([rejected(reason)]));
  expect(rejection === undefined ? 'falls' : 'stands').toBe(expected);
});
