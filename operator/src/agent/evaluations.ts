import type { EvalRun, EvalSuite, Release } from '@sluice/crds';
import { ownerReference } from '@sluice/kube';
import { evalRunName, suiteDigest } from '../evaluation/index.ts';
import { epochOf } from '../release/decision.ts';
import type { EvaluationObservation } from '../release/observation.ts';

/** Wait before a run that could not measure is repeated, milliseconds. */
export const evaluationRetryMs = 30_000;

export interface EvaluationInputs {
  readonly release: Release;
  /** By name; all runs of the namespace may be given. */
  readonly runs: ReadonlyMap<string, EvalRun>;
  readonly suites: ReadonlyMap<string, EvalSuite>;
  readonly now: number;
}

/** The state of each evaluation gate of a release: its latest run, or the next one where the latest could not measure. */
export function observeEvaluations(inputs: EvaluationInputs): EvaluationObservation[] {
  const gates = inputs.release.spec.rollout?.gates?.evals ?? [];
  return gates.map((gate) => {
    const suite = gate.suiteRef.name;
    const known = inputs.release.status?.evaluations?.find((evaluation) => evaluation.suite === suite)?.attempt ?? 1;
    const attempt = known + (retryDue(inputs, suite, known) ? 1 : 0);
    const name = evalRunName({ release: inputs.release.metadata.name, suite, attempt });
    const run = inputs.runs.get(name);
    return { gate, attempt, evalRun: name, ...outcomeOf(run, inputs.suites.get(suite), suite) };
  });
}

function retryDue({ release, runs, now }: EvaluationInputs, suite: string, attempt: number): boolean {
  const run = runs.get(evalRunName({ release: release.metadata.name, suite, attempt }));
  return run?.status?.phase === 'NotMeasured' && now - epochOf(run.status.finishedAt, now) >= evaluationRetryMs;
}

function outcomeOf(run: EvalRun | undefined, suite: EvalSuite | undefined, name: string): Pick<EvaluationObservation, 'verdict' | 'message' | 'finishedAt'> {
  if (run === undefined) {
    return { verdict: 'Waiting', message: suite === undefined ? `EvalSuite "${name}" does not exist in this namespace; create it` : `suite "${name}" is about to run` };
  }
  const message = run.status?.message ?? `suite "${name}" is starting`;
  const finishedAt = run.status?.finishedAt === undefined ? {} : { finishedAt: Date.parse(run.status.finishedAt) };
  switch (run.status?.phase) {
    case 'Passed':
      return { verdict: 'Pass', message, ...finishedAt };
    case 'Failed':
      return { verdict: 'Fail', message, ...finishedAt };
    case 'NotMeasured':
      return { verdict: 'NotMeasured', message, ...finishedAt };
    case 'Pending':
    case 'Running':
    case undefined:
      return { verdict: 'Waiting', message };
  }
}

/** The runs that a release in its evaluation still lacks; a gate without its suite waits for it. */
export function missingEvalRuns(inputs: EvaluationInputs, evaluations: readonly EvaluationObservation[]): EvalRun[] {
  return evaluations.flatMap((evaluation) => {
    const suite = inputs.suites.get(evaluation.gate.suiteRef.name);
    if (suite === undefined || inputs.runs.has(evaluation.evalRun)) return [];
    return [evalRunFor(inputs.release, suite, evaluation)];
  });
}

function evalRunFor(release: Release, suite: EvalSuite, evaluation: EvaluationObservation): EvalRun {
  const { agentName, revision } = release.spec;
  return {
    apiVersion: 'sluice.dev/v1alpha1',
    kind: 'EvalRun',
    metadata: {
      name: evaluation.evalRun,
      namespace: release.metadata.namespace ?? '',
      labels: { 'sluice.dev/release': release.metadata.name },
      ownerReferences: [ownerReference(release, { controller: 'controller' })],
    },
    spec: {
      agentName,
      revision,
      release: release.metadata.name,
      suite: { name: suite.metadata.name, digest: suiteDigest(suite.spec) },
      minPassPercent: evaluation.gate.minPassPercent,
    },
  };
}
