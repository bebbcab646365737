import type { EvalRun, EvalSuiteSpec } from '@sluice/crds';
import type { Container, EnvVar, Job, PodSpec, PodTemplateSpec } from '@sluice/kube';
import { agentContainerName, httpPort } from '../revision/pod-names.ts';
import { childLabels, childMetadata } from './child-metadata.ts';
import { attemptAnnotation, attemptOf } from './attempts.ts';
import { judgePriceOf, type ModelPrices } from './judge-price.ts';
import { caseFiles, embeddingModel, keptFiles, type Mounted } from './mounts.ts';
import { digestsFileName, suiteFileName, trialsFileName } from './suite-config-map.ts';
import { jobDeadlineSeconds } from './time-limits.ts';

export const suiteMountPath = '/etc/sluice/eval';
export const reportFile = '/dev/termination-log';
const suiteVolumeName = 'sluice-eval-suite';

export interface EvalJobInput {
  readonly evalRun: EvalRun;
  /** The pods of the revision: the run must see the same image, bundle, key, resources and security as the pods that will serve. */
  readonly template: PodTemplateSpec;
  readonly suite: EvalSuiteSpec;
  /** What the models of the agent's provider cost. */
  readonly prices?: ModelPrices | undefined;
  /** Milliseconds that earlier pods of the run took; default 0. */
  readonly spentMs?: number;
  /** Files that are frozen beside the cases; default none. */
  readonly further?: readonly string[];
}

/**
 * The Job that runs a suite against a revision, with one pod. Repeating a finished run would sample the agent again until it passes: only
 * the operator makes another Job, which is told what is kept already.
 */
export function evalJob(input: EvalJobInput): Job {
  const { evalRun, template, suite } = input;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { ...childMetadata(evalRun), annotations: { [attemptAnnotation]: String(attemptOf(evalRun)) } },
    spec: {
      backoffLimit: 0,
      // Before its pod has ended, a second one would ask the same cases.
      podReplacementPolicy: 'Failed',
      activeDeadlineSeconds: jobDeadlineSeconds(suite),
      template: { metadata: podMetadata(evalRun, template), spec: podSpec(input) },
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
function podSpec(input: EvalJobInput): PodSpec {
  const { evalRun, template: { spec: base }, suite } = input;
  const { topologySpreadConstraints: _spread, affinity, ...rest } = base;
  const mounted = [...caseFiles(suite), ...embeddingModel(suite), ...keptFiles(evalRun)];
  const nodeAffinity = affinity?.['nodeAffinity'];
  return {
    ...rest,
    ...(nodeAffinity === undefined ? {} : { affinity: { nodeAffinity } }),
    containers: base.containers.filter((container) => container.name === agentContainerName).map((container) => evalContainer(input, container, mounted)),
    volumes: [
      ...(base.volumes ?? []),
      { name: suiteVolumeName, configMap: { name: evalRun.metadata.name, items: filesOf(input).map((file) => ({ key: file, path: file })) } },
      ...mounted.map(({ volume }) => volume),
    ],
    automountServiceAccountToken: false,
    restartPolicy: 'Never',
    // There is no traffic to drain.
    terminationGracePeriodSeconds: 10,
  };
}

function filesOf({ further = [] }: EvalJobInput): readonly string[] {
  return [suiteFileName, ...further];
}

/** No probes, ports or hooks: nothing is served. */
function evalContainer(input: EvalJobInput, base: Container, mounted: readonly Mounted[]): Container {
  const { ports: _ports, startupProbe: _startup, livenessProbe: _liveness, readinessProbe: _readiness, lifecycle: _hooks, ...rest } = base;
  const own = [...environment(input), ...mounted.flatMap(({ variables }) => variables)];
  const names = new Set(own.map((variable) => variable.name));
  return {
    ...rest,
    args: ['eval'],
    env: [...(base.env ?? []).filter((variable) => !names.has(variable.name)), ...own],
    volumeMounts: [...(base.volumeMounts ?? []), { name: suiteVolumeName, mountPath: suiteMountPath, readOnly: true }, ...mounted.map(({ mount }) => mount)],
    // Without a report, what a container that could not run said last becomes the run's message.
    terminationMessagePolicy: 'FallbackToLogsOnError',
  };
}

const variableOf: Readonly<Record<string, string>> = { [digestsFileName]: 'SLUICE_EVAL_DIGESTS_FILE', [trialsFileName]: 'SLUICE_EVAL_TRIALS_FILE' };

function environment({ evalRun: { spec, metadata }, suite, prices, spentMs = 0, further = [] }: EvalJobInput): EnvVar[] {
  const judgePrice = judgePriceOf(suite, prices);
  return [
    { name: 'SLUICE_EVAL_SUITE_FILE', value: `${suiteMountPath}/${suiteFileName}` },
    { name: 'SLUICE_EVAL_MIN_PASS_PERCENT', value: String(spec.minPassPercent) },
    { name: 'SLUICE_EVAL_REPORT_FILE', value: reportFile },
    { name: 'SLUICE_EVAL_RESULTS_PORT', value: String(httpPort) },
    // No secret of the cluster: it keeps other pods from saying that results are kept.
    { name: 'SLUICE_EVAL_RESULTS_TOKEN', value: metadata.uid ?? '' },
    ...(judgePrice === undefined ? [] : [{ name: 'SLUICE_EVAL_JUDGE_PRICE', value: judgePrice }]),
    ...further.map((file) => ({ name: variableOf[file] ?? '', value: `${suiteMountPath}/${file}` })),
    ...(spentMs === 0 ? [] : [{ name: 'SLUICE_EVAL_SPENT_SECONDS', value: String(Math.round(spentMs / 1000)) }]),
  ];
}
