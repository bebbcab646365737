import type { PodTemplateSpec } from '@sluice/kube';
import { describe, expect, test } from 'vitest';
import { evalJob } from './job.ts';
import { evalRun, sampleSuite, template } from './testing/sample-run.ts';
import { jobDeadlineSeconds } from './time-limits.ts';

const jobOf = (base: PodTemplateSpec = template) => evalJob({ evalRun: evalRun(), template: base, suite: sampleSuite });
const agent = template.spec.containers[0]!;

describe('evalJob', () => {
  const { metadata, spec } = jobOf();
  const [container] = spec.template.spec.containers;

  test('runs one pod, ends in time, and makes no second one by itself: that one would ask the same cases', () => {
    expect(metadata).toMatchObject({ name: 'support-2-golden', namespace: 'shop', ownerReferences: [{ kind: 'EvalRun', uid: 'run-1', controller: true }] });
    expect(spec.backoffLimit).toBe(0);
    expect([spec.podFailurePolicy, spec.podReplacementPolicy, metadata.annotations]).toEqual([undefined, 'Failed', { 'sluice.dev/attempt': '1' }]);
    expect(spec.activeDeadlineSeconds).toBe(300);
    expect(spec).not.toHaveProperty('ttlSecondsAfterFinished');
    expect(spec.template.spec.restartPolicy).toBe('Never');
  });

  test('its pods carry no label that a Service, a budget or a policy of the agent selects', () => {
    expect(spec.template.metadata?.labels).toEqual({ 'app.kubernetes.io/component': 'evaluation', 'app.kubernetes.io/managed-by': 'sluice', 'sluice.dev/eval-run': 'support-2-golden' });
  });

  test('runs the image of the revision with its bundle, key and security', () => {
    expect(container).toMatchObject({ name: 'agent', image: agent.image, args: ['eval'], securityContext: agent.securityContext, resources: agent.resources });
    expect(container?.env).toEqual(expect.arrayContaining(agent.env ?? []));
    expect(container?.volumeMounts).toEqual([...(agent.volumeMounts ?? []), { name: 'sluice-eval-suite', mountPath: '/etc/sluice/eval', readOnly: true }]);
    expect(spec.template.spec.volumes).toEqual([
      ...(template.spec.volumes ?? []), { name: 'sluice-eval-suite', configMap: { name: 'support-2-golden', items: [{ key: 'suite.json', path: 'suite.json' }] } },
    ]);
    expect(spec.template.spec).toMatchObject({ serviceAccountName: 'support', automountServiceAccountToken: false, securityContext: template.spec.securityContext });
  });

  test('tells the runtime what to run and where to report', () => {
    expect(container?.env?.slice(-5)).toEqual([
      { name: 'SLUICE_EVAL_SUITE_FILE', value: '/etc/sluice/eval/suite.json' },
      { name: 'SLUICE_EVAL_MIN_PASS_PERCENT', value: '100' },
      { name: 'SLUICE_EVAL_REPORT_FILE', value: '/dev/termination-log' },
      { name: 'SLUICE_EVAL_RESULTS_PORT', value: '8080' },
      { name: 'SLUICE_EVAL_RESULTS_TOKEN', value: 'run-1' },
    ]);
    expect(container?.terminationMessagePolicy).toBe('FallbackToLogsOnError');
  });

  test('serves nothing: no ports, probes or hooks', () => {
    for (const field of ['ports', 'startupProbe', 'livenessProbe', 'readinessProbe', 'lifecycle']) expect(container).not.toHaveProperty(field);
  });

  test('leaves out what only a serving pod needs and keeps what it needs to start', () => {
    const base: PodTemplateSpec = {
      metadata: { labels: { team: 'a', 'sluice.dev/agent': 'support' }, annotations: { 'sluice.dev/x': '1', 'mesh.example/inject': 'false' } },
      spec: {
        ...template.spec,
        containers: [{ ...agent, env: [{ name: 'SLUICE_EVAL_SUITE_FILE', value: '/elsewhere' }] }, { name: 'proxy', image: 'proxy:1' }],
        initContainers: [{ name: 'wait', image: 'wait:1' }],
        imagePullSecrets: [{ name: 'registry' }],
        nodeSelector: { pool: 'agents' },
        affinity: { nodeAffinity: { a: 1 }, podAntiAffinity: { b: 1 } },
        topologySpreadConstraints: [{ maxSkew: 1 }],
      },
    };
    const pod = jobOf(base).spec.template;
    expect(pod.metadata?.labels).not.toHaveProperty('team');
    expect(pod.metadata?.annotations).toEqual({ 'mesh.example/inject': 'false' });
    expect(pod.spec.containers.map(({ name }) => name)).toEqual(['agent']);
    expect(pod.spec.containers[0]?.env?.filter(({ name }) => name === 'SLUICE_EVAL_SUITE_FILE')).toEqual([{ name: 'SLUICE_EVAL_SUITE_FILE', value: '/etc/sluice/eval/suite.json' }]);
    expect(pod.spec).toMatchObject({ initContainers: [{ name: 'wait' }], imagePullSecrets: [{ name: 'registry' }], nodeSelector: { pool: 'agents' }, affinity: { nodeAffinity: { a: 1 } } });
    expect(pod.spec.affinity).not.toHaveProperty('podAntiAffinity');
    expect(pod.spec).not.toHaveProperty('topologySpreadConstraints');
  });
});

test('repeats and the pace of a suite take their time', () => {
  const [first, ...more] = sampleSuite.cases;
  const suite = { ...sampleSuite, cases: [{ ...first!, repeats: 10 }, ...more.slice(0, 1)], concurrency: 2, caseTimeout: '10s' };
  expect(jobDeadlineSeconds({ ...suite, repeats: 4 })).toBe(240 + 70);
  expect(jobDeadlineSeconds({ ...suite, repeats: 4, maxCasesPerMinute: 2 })).toBe(240 + 70 + 7 * 60);
});

test('a judge takes its time, of its examples and of each answer', () => {
  const example = { input: 'q', answer: 'a', rubric: 'polite', label: 'Pass' as const };
  const judge = { model: 'judge-1', examples: Array.from({ length: 9 }, () => example), minSensitivityPercent: 80, minSpecificityPercent: 80 };
  const suite = { ...sampleSuite, cases: sampleSuite.cases.slice(0, 1), concurrency: 4, caseTimeout: '10s' };
  expect(jobDeadlineSeconds(suite)).toBe(240 + 10);
  expect(jobDeadlineSeconds({ ...suite, judge })).toBe(240 + 30 + 20);
  expect(jobDeadlineSeconds({ ...suite, judge, casesFrom: [{ configMap: { name: 'x', key: 'y' } }], budget: { duration: '1m' } })).toBe(240 + 30 + 60 + 20);
});

test.each([
  [1, 4, '500ms', 241],
  [4, 4, '60s', 300],
  [5, 4, '60s', 360],
  [200, 1, '30m', 86_400],
])('%i cases, %i at a time, %s each: %i s', (count, concurrency, caseTimeout, seconds) => {
  expect(jobDeadlineSeconds({ cases: Array.from({ length: count }, () => sampleSuite.cases[0]!), concurrency, caseTimeout })).toBe(seconds);
});
