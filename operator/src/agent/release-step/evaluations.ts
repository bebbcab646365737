import type { EvalRun, EvalSuite, ModelProvider, Release } from '@sluice/crds';
import { controllerOf, ownerReference } from '@sluice/kube';
import { evalRunName, providerDigest, suiteDigest } from '../../evaluation/index.ts';
import { epochOf } from '../../release/decision.ts';
import { evaluationRetryMs, maxEvaluationAttempts } from '../../release/phases/evaluating.ts';
import type { EvaluationObservation } from '../../release/observation.ts';
import { planOf } from '../../release/plan.ts';
import type { SecretVersion } from '../../revision/index.ts';
import { comparisonOf, missingBaseline } from './baseline-run.ts';

export interface EvaluationInputs {
  readonly release: Release;
  /** The release whose revision serves now, to be compared with. */
  readonly serving?: Release | undefined;
  /** By name; all runs of the namespace may be given. */
  readonly runs: ReadonlyMap<string, EvalRun>;
  readonly suites: ReadonlyMap<string, EvalSuite>;
  /** Of the Secrets that the agent's pods use; absent: they are not followed. */
  readonly secretVersions?: ReadonlyMap<string, Pick<SecretVersion, 'writtenAt'>>;
  /** By name, those that the runs were begun with; absent: none is followed. */
  readonly providers?: ReadonlyMap<string, Pick<ModelProvider, 'spec'>>;
  readonly now: number;
}

/** The state of each evaluation gate of a release: its latest run, or the next one where the latest could not measure. */
export function observeEvaluations(inputs: EvaluationInputs): EvaluationObservation[] {
  const gates = planOf(inputs.release)?.gates?.evals ?? [];
  return gates.map((gate) => {
    const suite = gate.suiteRef.name;
    const known = inputs.release.status?.evaluations?.find((evaluation) => evaluation.suite === suite)?.attempt ?? 1;
    const attempt = known + (retryDue(inputs, suite, known) ? 1 : 0);
    const name = evalRunName({ release: inputs.release.metadata.name, suite, attempt });
    return { gate, attempt, evalRun: name, ...outcomeOf(ownRun(inputs, name, suite), inputs.suites.get(suite), suite) };
  });
}

/** The run of that name if it is of this very release, revision and suite; a name alone proves nothing. */
function ownRun({ release, runs }: EvaluationInputs, name: string, suite: string): EvalRun | undefined {
  const run = runs.get(name);
  const owner = run === undefined ? undefined : controllerOf(run);
  const ours = owner?.uid === release.metadata.uid && run?.spec.release === release.metadata.name && run.spec.revision === release.spec.revision && run.spec.suite.name === suite;
  return ours ? run : undefined;
}

function retryDue(inputs: EvaluationInputs, suite: string, attempt: number): boolean {
  if (attempt >= maxEvaluationAttempts(inputs.release)) return false;
  const run = ownRun(inputs, evalRunName({ release: inputs.release.metadata.name, suite, attempt }), suite);
  if (run?.status?.phase !== 'NotMeasured') return false;
  // What only a change can mend is not paid for again before there is one.
  const isTime = run.status.reason === undefined && inputs.now - epochOf(run.status.finishedAt, inputs.now) >= evaluationRetryMs(attempt);
  return isTime || isCorrected(inputs, run);
}

/** What somebody has changed since about a suite that could not be measured, about a ModelProvider or about a key, is tried at once. */
function isCorrected(inputs: EvaluationInputs, run: EvalRun): boolean {
  const { suites, secretVersions = new Map<string, Pick<SecretVersion, 'writtenAt'>>() } = inputs;
  const { spec, status } = run;
  const suite = suites.get(spec.suite.name);
  if (suite !== undefined && suiteDigest(suite.spec) !== spec.suite.digest) return true;
  const baseline = inputs.runs.get(spec.comparison?.baselineRun ?? '');
  if (hasOtherProvider(inputs, run) || (baseline !== undefined && hasOtherProvider(inputs, baseline))) return true;
  return [...secretVersions.values()].some(({ writtenAt = 0 }) => writtenAt > epochOf(status?.finishedAt, Infinity));
}

/** One that is gone is no reason to try. */
function hasOtherProvider({ providers }: EvaluationInputs, { status }: EvalRun): boolean {
  const { name = '', digest } = status?.modelProvider ?? {};
  const provider = providers?.get(name);
  return provider !== undefined && providerDigest(provider.spec) !== digest;
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
    // To ask the agent again until it passes would be to wait for luck.
    case 'Inconclusive':
      return { verdict: 'Fail', message, ...finishedAt };
    case 'NotMeasured':
      return { verdict: 'NotMeasured', message, ...finishedAt };
    case 'Pending':
    case 'Running':
    case undefined:
      return { verdict: 'Waiting', message };
  }
}

/** The runs that a release in its evaluation still lacks, those of the stable revision first; a gate without its suite waits for it. */
export function missingEvalRuns(inputs: EvaluationInputs, evaluations: readonly EvaluationObservation[]): EvalRun[] {
  return evaluations.flatMap((evaluation) => {
    const suite = inputs.suites.get(evaluation.gate.suiteRef.name);
    if (suite === undefined) return [];
    const known = inputs.runs.get(evaluation.evalRun);
    const run = known ?? evalRunFor(inputs, suite, evaluation);
    const baseline = isWaiting(evaluation) ? missingBaseline(inputs, run) : undefined;
    return [...(baseline === undefined ? [] : [baseline]), ...(known === undefined ? [run] : [])];
  });
}

function isWaiting({ verdict }: EvaluationObservation): boolean {
  return verdict === 'Waiting';
}

function evalRunFor(inputs: EvaluationInputs, suite: EvalSuite, { gate, attempt, evalRun }: EvaluationObservation): EvalRun {
  const { release } = inputs;
  const { agentName, revision } = release.spec;
  const comparison = comparisonOf(inputs, gate, suite, attempt);
  return {
    apiVersion: 'sluice.dev/v1alpha1',
    kind: 'EvalRun',
    metadata: {
      name: evalRun,
      namespace: release.metadata.namespace ?? '',
      labels: { 'sluice.dev/release': release.metadata.name },
      ownerReferences: [ownerReference(release, { controller: 'controller' })],
    },
    spec: {
      agentName,
      revision,
      release: release.metadata.name,
      suite: { name: suite.metadata.name, digest: suiteDigest(suite.spec) },
      minPassPercent: gate.minPassPercent ?? (comparison === undefined ? 100 : 0),
      ...(comparison === undefined ? {} : { comparison }),
    },
  };
}
