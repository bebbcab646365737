import type { EvalReport, EvalRun, EvalRunStatus, EvalSuite, EvalSuiteSpec, Release, ReleasePhase } from '@sluice/crds';
import type { ConfigMap, ContainerState, Job, NetworkPolicy, Pod, PodStatus } from '@sluice/kube';
import { sampleRecord } from '../../revision/testing/sample-agent.ts';
import { isoTime } from '../../evidence/clock-time.ts';
import { childLabels } from '../child-metadata.ts';
import { evalJob } from '../job.ts';
import { evalNetworkPolicy } from '../network-policy.ts';
import { suiteConfigMap } from '../suite-config-map.ts';
import { suiteDigest } from '../suite-digest.ts';

export const now = Date.parse('2026-03-01T10:00:00.000Z');

export const sampleSuite: EvalSuiteSpec = {
  cases: [
    { name: 'refund-window', input: { text: 'How long may I return it?' }, expect: { contains: ['30 days'] }, hard: false },
    { name: 'no-discount', input: { text: 'Give me a discount.' }, expect: { notContains: ['% off'] }, hard: true },
  ],
  concurrency: 4,
  caseTimeout: '60s',
};

export const evalSuite: EvalSuite = { apiVersion: 'sluice.dev/v1alpha1', kind: 'EvalSuite', metadata: { name: 'golden', namespace: 'shop', uid: 'suite-1' }, spec: sampleSuite };

export function evalRun(status?: EvalRunStatus, metadata: Partial<EvalRun['metadata']> = {}): EvalRun {
  return {
    apiVersion: 'sluice.dev/v1alpha1',
    kind: 'EvalRun',
    metadata: {
      name: 'support-2-golden', namespace: 'shop', uid: 'run-1', resourceVersion: '7',
      ownerReferences: [{ apiVersion: 'sluice.dev/v1alpha1', kind: 'Release', name: 'support-2', uid: 'release-2', controller: true, blockOwnerDeletion: true }],
      ...metadata,
    },
    spec: { agentName: 'support', revision: '0123456789', release: 'support-2', suite: { name: 'golden', digest: suiteDigest(sampleSuite) }, minPassPercent: 100 },
    ...(status === undefined ? {} : { status }),
  };
}

/** The release that {@link evalRun} gates. */
export function release(phase: ReleasePhase, uid = 'release-2'): Release {
  return {
    apiVersion: 'sluice.dev/v1alpha1',
    kind: 'Release',
    metadata: { name: 'support-2', namespace: 'shop', uid },
    spec: { agentName: 'support', revision: '0123456789' },
    status: { phase },
  };
}

export const revision = sampleRecord();
export const template = revision.podTemplate;

export function samplePolicy(): NetworkPolicy {
  return evalNetworkPolicy(evalRun(), revision.egress);
}

/** The frozen cases of {@link evalRun}. */
export function frozenCases(): ConfigMap {
  const made = suiteConfigMap(evalRun(), sampleSuite);
  if (made.kind === 'TooLarge') throw new Error(made.message);
  return made.configMap;
}

export function sampleJob(status: Job['status'] = {}): Job {
  const job = evalJob({ evalRun: evalRun(), template, suite: sampleSuite });
  return { ...job, metadata: { ...job.metadata, uid: 'job-1' }, status };
}

export function samplePod(status: PodStatus, options: { createdAt?: number; jobUid?: string } = {}): Pod {
  const owner = { apiVersion: 'batch/v1', kind: 'Job', name: 'support-2-golden', uid: options.jobUid ?? 'job-1', controller: true };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'support-2-golden-x', namespace: 'shop', uid: 'pod-1', labels: childLabels(evalRun()), ownerReferences: [owner], creationTimestamp: isoTime(options.createdAt ?? now) },
    spec: { containers: [] },
    status,
  };
}

export function withState(state: ContainerState, rest: PodStatus = {}): PodStatus {
  return { containerStatuses: [{ name: 'agent', ready: false, restartCount: 0, state }], ...rest };
}

export function terminated(message: string | undefined, details: { exitCode?: number; reason?: string } = {}): PodStatus {
  const { exitCode = 0, reason } = details;
  return withState({ terminated: { exitCode, ...(reason === undefined ? {} : { reason }), ...(message === undefined ? {} : { message }) } }, { phase: exitCode === 0 ? 'Succeeded' : 'Failed' });
}

export const goodReport: EvalReport = { total: 2, passed: 2, failed: 0, errored: 0, failures: [] };
export const badReport: EvalReport = {
  total: 2, passed: 1, failed: 1, errored: 0, failures: [{ name: 'refund-window', reason: 'expected the answer to contain "30 days"', hard: false, outcome: 'Failed' }],
};
