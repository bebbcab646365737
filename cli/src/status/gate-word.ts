import type { EvaluationResult, ObjectiveResult, ObjectiveVerdict, Release, ReleasePhase } from '@sluice/crds';
import { isTerminal } from '@sluice/operator/src/release/decision.ts';
import { readGate } from './kept-gate.ts';

/**
 * What people are shown of a gate. The API knows no verdict before there is one, and says NotMeasured, which is read as missing data: while a
 * suite runs, or requests are counted that may still end otherwise, that is said in its place.
 */
export type GateWord = ObjectiveVerdict | 'Pending' | 'Running' | 'Counting';

/** What a run of a suite says while all is well. */
const starts = / (?:is (?:about to run|starting\b.*)|waits for its pod to start)$/;
const runs = / (?:is (?:going on in another pod|running|measured)\b|goes on in another pod$)/;

type OfRelease = Pick<Release, 'status'>;

export function suiteWord({ status }: OfRelease, { verdict, message }: Pick<EvaluationResult, 'verdict' | 'message'>): GateWord {
  if (verdict !== 'NotMeasured' || isTerminal(status?.phase)) return verdict;
  if (runs.test(message)) return 'Running';
  return starts.test(message) ? 'Pending' : verdict;
}

/** Whether a suite that has no verdict yet gets on, by the words of its run. */
export function getsOn(message: string): boolean {
  return starts.test(message) || runs.test(message);
}

/** Phases in which requests are counted on and judged. */
const counting: ReadonlySet<ReleasePhase | undefined> = new Set<ReleasePhase>(['Shifting', 'Paused']);

export function objectiveWord({ status }: OfRelease, { verdict, name }: Pick<ObjectiveResult, 'verdict' | 'name'>): GateWord {
  return verdict === 'NotMeasured' && counting.has(status?.phase) && isCounted(status?.gate, name) ? 'Counting' : verdict;
}

/** Whether the latest scrapes have all that the objective is made of, and requests of both revisions were counted. */
function isCounted(gate: NonNullable<Release['status']>['gate'], objective: string): boolean {
  const metrics = (gate?.measures ?? []).filter((measure) => measure.objective === objective).map(({ metric }) => metric);
  const states = readGate(gate, (_policy, state) => metrics.map((metric) => state.metrics[metric])) ?? [];
  return states.length > 0 && states.every((state) => state !== undefined && state.missing === 0 && hasRequests(state));
}

type Metric = Parameters<Parameters<typeof readGate>[1]>[1]['metrics'][string];

/** Those that have settled and those that have not. */
function hasRequests({ totals, awaiting = [], unsettled }: Metric): boolean {
  const counts = [...totals, ...awaiting].map((each) => each.counts).concat(unsettled === undefined ? [] : [unsettled]);
  const ofCanary = counts.reduce((sum, [, requests]) => sum + requests, 0);
  const ofStable = counts.reduce((sum, [, , , requests]) => sum + requests, 0);
  return ofCanary > 0 && ofStable > 0;
}
