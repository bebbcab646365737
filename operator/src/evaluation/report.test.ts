import type { PodStatus } from '@sluice/kube';
import { describe, expect, test } from 'vitest';
import { parseReport, podOutcome, quoted } from './report.ts';
import { badReport, goodReport, samplePod, terminated, withState } from './testing/sample-run.ts';

const outcome = (status: PodStatus) => podOutcome(samplePod(status));
const disrupted = [{ type: 'DisruptionTarget', status: 'True' as const }];

describe('podOutcome', () => {
  test.each([
    ['a pod that waits', withState({ waiting: { reason: 'ContainerCreating' } }, { phase: 'Pending' })],
    ['a pod that runs', withState({ running: {} }, { phase: 'Running' })],
    ['a pod without a status', {}],
  ])('%s has nothing to say yet', (_, status) => {
    expect(outcome(status)).toEqual({ kind: 'Open' });
  });

  test.each([
    ['exit code 0', terminated(JSON.stringify(goodReport)), goodReport],
    ['another exit code', terminated(JSON.stringify(badReport), { exitCode: 1, reason: 'Error' }), badReport],
    ['a disruption after the end', { ...terminated(JSON.stringify(goodReport)), conditions: disrupted }, goodReport],
  ])('a report counts with %s', (_, status, report) => {
    expect(outcome(status)).toEqual({ kind: 'Report', report });
  });

  test.each<[string, PodStatus, string]>([
    ['too little memory', terminated('', { exitCode: 137, reason: 'OOMKilled' }),
      'the eval container ran out of memory (OOMKilled); raise resources.limits.memory of the container "agent" in spec.template'],
    ['nothing', terminated(undefined, { exitCode: 2, reason: 'Error' }), 'the eval container ended without a report (exit code 2, Error); its log says more'],
    ['a sentence', terminated('SLUICE_BUNDLE_FILE names\na file that does not exist\n', { exitCode: 1 }),
      'the eval container ended without a report (exit code 1): SLUICE_BUNDLE_FILE names a file that does not exist'],
    ['half a report', terminated('{"total":2,"passed":', { exitCode: 0 }), 'the report of the eval container is damaged (exit code 0)'],
    ['a report of another form', terminated('{"total":"two"}', { exitCode: 0 }), 'the report of the eval container is damaged (exit code 0)'],
    ['a pod that was refused by its node', { phase: 'Failed', reason: 'OutOfcpu', message: 'Node did not have enough resource' },
      'its pod ended before the eval container ran (OutOfcpu: Node did not have enough resource)'],
    ['a pod that failed and does not say why', { phase: 'Failed' }, 'its pod ended before the eval container ran'],
    ['an init container', { phase: 'Failed', initContainerStatuses: [{ name: 'wait', ready: false, restartCount: 0, state: { terminated: { exitCode: 3 } } }] },
      'the init container "wait" failed with exit code 3'],
  ])('no report: %s', (_, status, reason) => {
    expect(outcome(status)).toEqual({ kind: 'NoReport', reason });
  });

  test('a pod that the cluster took away says nothing about the run', () => {
    expect(outcome({ ...terminated('', { exitCode: 143 }), conditions: disrupted })).toEqual({ kind: 'Disrupted' });
    expect(outcome({ phase: 'Failed', reason: 'Evicted', conditions: disrupted })).toEqual({ kind: 'Disrupted' });
    const cutShort = JSON.stringify({ total: 2, passed: 1, failed: 0, errored: 1, failures: [] });
    expect(outcome({ ...terminated(cutShort), conditions: disrupted })).toEqual({ kind: 'Disrupted' });
    expect(outcome(terminated(cutShort)).kind).toBe('Report');
  });
});

test.each(['', 'text', '{', '[]', 'null', '{}', '{"total":-1,"passed":0,"failed":0,"errored":0,"failures":[]}', '{"total":1.5,"passed":0,"failed":0,"errored":0,"failures":[]}'])(
  'parseReport takes %j for no report', (message) => {
    expect(parseReport(message)).toBeUndefined();
  },
);

test('quoted is one line of bearable length', () => {
  expect(quoted(' a\n\tb ')).toBe('a b');
  expect(quoted('x'.repeat(1000))).toHaveLength(301);
});
