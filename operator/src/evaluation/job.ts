import type { EvalRun, EvalSuiteSpec } from '@sluice/crds';
import type { Container, EnvVar, Job, PodSpec, PodTemplateSpec } from '@sluice/kube';
import { agentContainerName } from '../revision/pod-names.ts';
import { childLabels, childMetadata } from './child-metadata.ts';
import { suiteFileName } from './suite-config-map.ts';
import { jobDeadlineSeconds } from './time-limits.ts';

export const suiteMountPath = '/etc/sluice/eval';
export const reportFile = '/dev/termination-log';
const suiteVolumeName = 'sluice-eval-suite';

export interface EvalJobInput {
  readonly evalRun: EvalRun;
  /** The pods of the revision: the run must see the same image, bundle, key, resources and security as the pods that will serve. */
  readonly template: PodTemplateSpec;
  readonly suite: EvalSuiteSpec;
}

/**
 * The Job that runs a suite against a revision. One attempt: repeating a finished run would sample the agent again until it passes.
 * Only a pod that the cluster itself takes away (drain, eviction, preemption) is replaced.
 */
export function evalJob({ evalRun, template, suite }: EvalJobInput): Job {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: childMetadata(evalRun),
    spec: {
      backoffLimit: 0,
      podFailurePolicy: { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }] },
      activeDeadlineSeconds: jobDeadlineSeconds(suite),
      template: { metadata: podMetadata(evalRun, template), spec: podSpec(evalRun, template.spec) },
    },
  };
}

function podMetadata(evalRun: EvalRun, template: PodTemplateSpec): NonNullable<PodTemplateSpec['metadata']> {
  const annotations = Object.entries(template.metadata?.annotations ?? {}).filter(([key]) => !key.startsWith('sluice.dev/'));
  return { labels: childLabels(evalRun), ...(annotations.length === 0 ? {} : { annotations: Object.fromEntries(annotations) }) };
}

/**
 * Further containers are left out: a sidecar that serves for ever would keep the Job from ending. Init containers stay, and with them
 * sidecars in the form of init containers that restart. Spread and pod affinity speak of the agent's pods; node affinity stays.
 */
function podSpec(evalRun: EvalRun, base: PodSpec): PodSpec {
  const { topologySpreadConstraints: _spread, affinity, ...rest } = base;
  const nodeAffinity = affinity?.['nodeAffinity'];
  return {
    ...rest,
    ...(nodeAffinity === undefined ? {} : { affinity: { nodeAffinity } }),
    containers: base.containers.filter((container) => container.name === agentContainerName).map((container) => evalContainer(evalRun, container)),
    volumes: [
      ...(base.volumes ?? []),
      { name: suiteVolumeName, configMap: { name: evalRun.metadata.name, items: [{ key: suiteFileName, path: suiteFileName }] } },
    ],
    automountServiceAccountToken: false,
    restartPolicy: 'Never',
    // There is no traffic to drain.
    terminationGracePeriodSeconds: 10,
  };
}

/** No probes, ports or hooks: nothing is served. */
function evalContainer(evalRun: EvalRun, base: Container): Container {
  const { ports: _ports, startupProbe: _startup, livenessProbe: _liveness, readinessProbe: _readiness, lifecycle: _hooks, ...rest } = base;
  const own = environment(evalRun);
  const names = new Set(own.map((variable) => variable.name));
  return {
    ...rest,
    args: ['eval'],
    env: [...(base.env ?? []).filter((variable) => !names.has(variable.name)), ...own],
    volumeMounts: [...(base.volumeMounts ?? []), { name: suiteVolumeName, mountPath: suiteMountPath, readOnly: true }],
    // Without a report, what a container that could not run said last becomes the run's message.
    terminationMessagePolicy: 'FallbackToLogsOnError',
  };
}

function environment({ spec }: EvalRun): EnvVar[] {
  return [
    { name: 'SLUICE_EVAL_SUITE_FILE', value: `${suiteMountPath}/${suiteFileName}` },
    { name: 'SLUICE_EVAL_MIN_PASS_PERCENT', value: String(spec.minPassPercent) },
    { name: 'SLUICE_EVAL_REPORT_FILE', value: reportFile },
  ];
}
