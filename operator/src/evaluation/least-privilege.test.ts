import { describe, expect, test } from 'vitest';
import { operatorPermissions } from '../rbac/permissions.ts';
import { evalJob } from './job.ts';
import { evalNetworkPolicy } from './network-policy.ts';
import { evalRun, revision, sampleSuite, template } from './testing/sample-run.ts';

const suite = {
  ...sampleSuite,
  casesFrom: [{ configMap: { name: 'more', key: 'cases.jsonl' } }, { persistentVolumeClaim: { claimName: 'suites', path: 'a/b.yaml' }, format: 'Promptfoo' as const }],
  embeddingModel: { persistentVolumeClaim: { claimName: 'models', path: 'potion' } },
};
const run = evalRun({ phase: 'Pending', attempt: 2, results: { chunks: 2, read: 0, complete: false } });
const { spec } = evalJob({ evalRun: run, template, suite }).spec.template;
const verbsOn = (resource: string) => operatorPermissions.filter(({ resources }) => resources.includes(resource)).flatMap(({ verbs }) => [...verbs]);

describe('the pod of a run', () => {
  test('has no right in the cluster: it is given no token', () => {
    expect(spec.automountServiceAccountToken).toBe(false);
    expect(JSON.stringify(spec.volumes)).not.toContain('serviceAccountToken');
    // Whatever the pods that serve are given.
    const { automountServiceAccountToken: _false, ...silent } = template.spec;
    for (const given of [silent, { ...silent, automountServiceAccountToken: true }]) expect(evalJob({ evalRun: run, template: { ...template, spec: given }, suite }).spec.template.spec.automountServiceAccountToken).toBe(false);
  });

  test('can write nothing of what it is given: cases, model and kept results are read-only', () => {
    const own = (spec.containers[0]?.volumeMounts ?? []).filter(({ name }) => name.startsWith('sluice-eval'));
    expect(own.map(({ mountPath, readOnly }) => [mountPath, readOnly])).toEqual([
      ['/etc/sluice/eval', true], ['/etc/sluice/eval-cases/0', true], ['/etc/sluice/eval-cases/1', true], ['/etc/sluice/eval-embedding', true], ['/etc/sluice/eval-kept', true],
    ]);
    expect((spec.volumes ?? []).filter(({ name }) => name.startsWith('sluice-eval'))).toMatchObject([
      { configMap: { name: 'support-2-golden' } },
      { configMap: { name: 'more', items: [{ key: 'cases.jsonl', path: 'cases.jsonl' }] } },
      { persistentVolumeClaim: { claimName: 'suites', readOnly: true } },
      { persistentVolumeClaim: { claimName: 'models', readOnly: true } },
      { projected: { sources: [{ configMap: { name: 'support-2-golden-results-0' } }, { configMap: { name: 'support-2-golden-results-1' } }] } },
    ]);
  });

  test('is told where they are', () => {
    const variables = Object.fromEntries((spec.containers[0]?.env ?? []).map(({ name, value }) => [name, value]));
    expect(variables).toMatchObject({ SLUICE_EVAL_CASES_FOLDER: '/etc/sluice/eval-cases', SLUICE_EVAL_EMBEDDING_FOLDER: '/etc/sluice/eval-embedding/potion', SLUICE_EVAL_KEPT_FOLDER: '/etc/sluice/eval-kept' });
  });

  test('can be asked at one port, and connects to no more than its revision may', () => {
    const policy = evalNetworkPolicy(run, revision.egress);
    expect(policy.spec.ingress).toEqual([{ ports: [{ protocol: 'TCP', port: 8080 }] }]);
    expect(JSON.stringify(policy.spec.egress)).not.toContain('6443');
  });
});

describe('the operator', () => {
  test('keeps results without a right to change any ConfigMap, and ends runs without a right to change any Job', () => {
    for (const resource of ['configmaps', 'jobs']) expect(verbsOn(resource).toSorted()).toEqual(['create', 'delete', 'get', 'list', 'watch']);
  });

  test('may look into no pod: results are told, not fetched through the API server', () => {
    expect(verbsOn('pods')).toEqual(['list', 'watch']);
    for (const resource of ['pods/log', 'pods/exec', 'pods/proxy', 'pods/portforward']) expect(verbsOn(resource)).toEqual([]);
  });

  test('may delete no EvalRun: what was measured goes with its Release alone', () => {
    expect(verbsOn('evalruns')).not.toContain('delete');
  });
});
