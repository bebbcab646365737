import type { GateMeasure, Objective, ObjectiveResult, ObjectiveVerdict } from '@sluice/crds';
import { against, droppedText, type GatePolicy, type Judgement, type MetricReport, metricSentence } from '../sequential/index.ts';

const marks: Readonly<Record<Judgement['guarantee'], string>> = {
  Stated: '',
  ByConnection: '; divided by connection, so no chance of error can be stated',
  NotRandomised: '; not randomised, so no chance of error can be stated',
};

/** What each objective says after a judgement: the worst of its metrics. */
export function resultsOf(judgement: Judgement, { policy, measures, objectives }: { readonly policy: GatePolicy; readonly measures: readonly GateMeasure[]; readonly objectives: readonly Objective[] }): ObjectiveResult[] {
  const culprits = judgement.reason === 'Worse' ? culpritsOf(judgement.metrics) : new Set<string>();
  return objectives.map(({ name }) => {
    const own = judgement.metrics.filter((report) => measures.some((measure) => measure.metric === report.name && measure.objective === name));
    const dropped = (policy.droppedGates ?? []).filter((gate) => own.some((report) => report.name === gate));
    return { name, verdict: verdictOf(own, judgement, culprits), message: `${messageOf(own, judgement)}${droppedText(dropped)}` };
  });
}

/** Those whose evidence alone decides, else the one with the largest part in it: by its weight, and at the risk that is left. */
function culpritsOf(metrics: readonly MetricReport[]): ReadonlySet<string> {
  const alone = metrics.filter(({ harm, harmNeeded }) => harm >= harmNeeded);
  const most = metrics.toSorted((a, b) => b.harm / b.harmNeeded - a.harm / a.harmNeeded).slice(0, 1);
  return new Set((alone.length > 0 ? alone : most).map(({ name }) => name));
}

function verdictOf(reports: readonly MetricReport[], judgement: Judgement, culprits: ReadonlySet<string>): ObjectiveVerdict {
  if (reports.some(({ name }) => culprits.has(name))) return 'Fail';
  if (judgement.reason === 'ProviderOutage') return 'ProviderOutage';
  const gates = reports.filter(({ role }) => role === 'gate');
  const asked = gates.length > 0 ? gates : reports;
  if (reports.length === 0 || asked.some((report) => isUnknown(report, judgement))) return 'NotMeasured';
  // A guard proves nothing: it can only roll back.
  return gates.length > 0 && gates.every(({ proven }) => proven === 'Yes') ? 'Pass' : 'Inconclusive';
}

/** Nothing counted yet, or not lately, or nothing of the stable revision to compare with. */
function isUnknown({ name, kind, canary, stable, proven }: MetricReport, { state }: Judgement): boolean {
  const nothing = canary.requests === 0 || (kind !== 'Bound' && stable.requests === 0);
  return (state.metrics[name]?.missing ?? 0) > 0 || (nothing && proven === 'No');
}

/** A rollback is told with the counts that it was decided on. */
function messageOf(reports: readonly MetricReport[], { reason, guarantee, state }: Judgement): string {
  const missing = reports.filter(({ name }) => (state.metrics[name]?.missing ?? 0) > 0).map(({ name }) => name);
  const lacking = missing.length === 0 ? '' : `; not measured lately: ${missing.join(', ')}`;
  return `${reports.map(reason === 'Worse' ? against : metricSentence).join('; ')}${lacking}${marks[guarantee]}`;
}
