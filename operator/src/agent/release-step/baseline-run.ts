import { durationMilliseconds, type EvalGate, type EvalRun, type EvalSuite, type Release } from '@sluice/crds';
import { ownerReference } from '@sluice/kube';
import { baselineRunName, suiteDigest } from '../../evaluation/index.ts';
import { epochOf } from '../../release/decision.ts';

export interface BaselineInputs {
  readonly release: Release;
  /** The release whose revision serves now; not set: there is nothing to compare with. */
  readonly serving?: Release | undefined;
  readonly runs: ReadonlyMap<string, EvalRun>;
  readonly now: number;
}

type Comparison = NonNullable<EvalRun['spec']['comparison']>;

/** What the run of a gate is compared with; undefined where there is no comparison, or nothing to compare with. */
export function comparisonOf(inputs: BaselineInputs, { comparison }: EvalGate, suite: EvalSuite, attempt: number): Comparison | undefined {
  const serving = servingOther(inputs);
  if (comparison === undefined || serving === undefined) return undefined;
  const { marginPoints, preexisting, maxBaselineAge } = comparison;
  const known = knownBaseline(inputs, { suite, attempt, maxAgeMs: durationMilliseconds(maxBaselineAge) });
  const baselineRun = known?.metadata.name ?? baselineRunName({ serving: serving.metadata.name, suite: suite.metadata.name, release: inputs.release.metadata.name, attempt });
  const earlierVerdicts = verdictsBefore(inputs, suite);
  return { baselineRun, marginPoints, preexisting, ...(earlierVerdicts === 0 ? {} : { earlierVerdicts }) };
}

/** The chance of error is one in twenty million then. */
const mostVerdicts = 20;

/** How often this very revision was compared on the same cases and came to a verdict for another release: whoever asks again until it passes would wait for luck. */
function verdictsBefore({ release, runs }: BaselineInputs, suite: EvalSuite): number {
  const digest = suiteDigest(suite.spec);
  const before = [...runs.values()].filter(({ spec, status }) => spec.revision === release.spec.revision && spec.agentName === release.spec.agentName && spec.release !== release.metadata.name && spec.comparison !== undefined && spec.suite.name === suite.metadata.name && spec.suite.digest === digest && isJudged(status));
  return Math.min(mostVerdicts, before.length);
}

function isJudged(status: EvalRun['status']): boolean {
  return status?.phase === 'Passed' || status?.phase === 'Failed' || status?.phase === 'Inconclusive';
}

/** The run of the stable revision that `run` is compared with, where it does not exist. It goes with the release of that revision, so that later releases find it. */
export function missingBaseline(inputs: BaselineInputs, { spec }: EvalRun): EvalRun | undefined {
  const serving = servingOther(inputs);
  if (spec.comparison === undefined || serving === undefined || inputs.runs.has(spec.comparison.baselineRun)) return undefined;
  return {
    apiVersion: 'sluice.dev/v1alpha1',
    kind: 'EvalRun',
    metadata: {
      name: spec.comparison.baselineRun,
      namespace: serving.metadata.namespace ?? '',
      labels: { 'sluice.dev/release': serving.metadata.name },
      ownerReferences: [ownerReference(serving, { controller: 'controller' })],
    },
    spec: { agentName: spec.agentName, revision: serving.spec.revision, release: serving.metadata.name, suite: spec.suite, minPassPercent: 0, purpose: 'Baseline' },
  };
}

function servingOther({ release, serving }: BaselineInputs): Release | undefined {
  return serving?.spec.revision === release.spec.revision ? undefined : serving;
}

interface Wanted {
  readonly suite: EvalSuite;
  readonly attempt: number;
  readonly maxAgeMs: number;
}

/**
 * The latest complete results of the stable revision on the same suite, by the digests of both: as a baseline, or as what its own release
 * was gated by. A second attempt takes none from before the release, because such results may be what could not be compared.
 */
function knownBaseline({ release, serving, runs, now }: BaselineInputs, { suite, attempt, maxAgeMs }: Wanted): EvalRun | undefined {
  const digest = suiteDigest(suite.spec);
  const since = attempt === 1 ? now - maxAgeMs : Math.max(now - maxAgeMs, epochOf(release.metadata.creationTimestamp, now));
  return [...runs.values()]
    .filter(({ spec, status }) => spec.revision === serving?.spec.revision && spec.suite.name === suite.metadata.name && spec.suite.digest === digest && status?.results?.complete === true && status.report !== undefined)
    .filter(({ status }) => isJudged(status) && epochOf(status?.startedAt, 0) >= since)
    .toSorted((left, right) => epochOf(right.status?.startedAt, 0) - epochOf(left.status?.startedAt, 0))[0];
}
