import { beyondEdges, type Evidence, type GateMeasure, type Objective, type ObjectiveResult, type Sample } from '@sluice/crds';
import { wholeSeconds } from '../evidence/clock-time.ts';
import { infinityEdge } from '../evidence/sample.ts';
import { midpoint, slowLimit } from '../gates/release-gate/index.ts';
import type { Judgement } from '../gates/sequential/index.ts';

interface Said {
  readonly results: readonly ObjectiveResult[];
  readonly judgement: Judgement;
}

/**
 * What the gates say, with what they cannot know: why the sources could not count something, which tools fail, and what a success costs. Words alone: a
 * replay of the log comes to the same verdicts without them.
 */
export function withSources({ results, judgement }: Said, evidence: Evidence, objectives: readonly Objective[], measures: readonly GateMeasure[] = []): Said {
  const missing = judgement.reason === 'DataMissing' ? `${problemSentence(evidence.problems ?? [])}${answeredSentence(evidence)}` : '';
  const culprits = judgement.reason === 'Worse' ? results.filter(({ verdict }) => verdict === 'Fail').map(({ name }) => toolsOf(name, evidence, objectives)) : [];
  const tools = culprits.find((sentence) => sentence !== '') ?? '';
  return {
    results: results.map((result) => ({ ...result, message: `${result.message}${toolsOf(result.name, evidence, objectives)}${slowEdges(measures.filter(({ objective }) => objective === result.name), evidence)}${costPerSuccess(result.name, evidence, objectives)}${result.verdict === 'NotMeasured' ? problemsOf(result.name, evidence) : ''}` })),
    judgement: `${missing}${tools}` === '' ? judgement : { ...judgement, sentence: `${judgement.sentence}${missing}${tools}` },
  };
}

/** Why an objective could not be counted, as the end of a sentence; what concerns all of them included. */
export function problemsOf(objective: string, evidence: Pick<Evidence, 'problems'> | undefined): string {
  return problemSentence((evidence?.problems ?? []).filter((problem) => problem.objective === undefined || problem.objective === objective));
}

export function problemSentence(problems: NonNullable<Evidence['problems']>): string {
  return problems.length === 0 ? '' : `; not counted, because ${problems.map(({ objective, reason }) => (objective === undefined ? reason : `${objective}: ${reason}`)).join('; ')}`;
}

/** What is missing is not the requests: whoever reads of no counts would look for these. */
function answeredSentence({ problems = [], canary, stable, since }: Evidence): string {
  if (!problems.some(({ objective }) => objective !== undefined) || canary.requests + stable.requests === 0) return '';
  return `, though the new revision answered ${requestCount(canary)} and the stable one ${requestCount(stable)} since ${wholeSeconds(since)}`;
}

function requestCount({ requests: count }: Sample): string {
  return `${count} ${count === 1 ? 'request' : 'requests'}`;
}

/** Only at the edges of a histogram is it known how many requests were slower: a bound between two is judged at the upper one, one beyond the last never. */
function slowEdges(measures: readonly GateMeasure[], { canary, stable }: Evidence): string {
  return measures.map(({ metric, objective, kind, edge }) => {
    const limit = kind === 'Latency' && edge !== undefined ? slowLimit(edge, [canary, stable]) : undefined;
    if (edge === undefined) return '';
    if (limit === undefined) return beyondLast(edge, [canary, stable]);
    if (metric === objective) return `; slow is what took over ${limit} s`;
    return limit === edge ? '' : `; the bound of ${edge} s is judged at ${limit} s, the next one up to which requests are counted`;
  }).join('');
}

/** Empty where the last edge is not known, or `edge` is not beyond it. Seconds. */
function beyondLast(edge: number, samples: readonly Sample[]): string {
  const finite = samples.flatMap(({ latencyBuckets }) => latencyBuckets.map(({ le }) => le)).filter((le) => le !== infinityEdge);
  const last = Math.max(0, ...finite);
  return finite.length === 0 || edge <= last ? '' : `; ${beyondEdges(last * 1000)}`;
}

/** Which tools fail most: whoever reads of a rollback wants to know where to look. */
function toolsOf(name: string, { failedTools = [] }: Evidence, objectives: readonly Objective[]): string {
  if (failedTools.length === 0 || objectives.find((objective) => objective.name === name)?.toolErrors === undefined) return '';
  return `; failed calls on the new revision by tool: ${failedTools.map(({ tool, bad, total }) => `${tool} ${bad} of ${total}`).join(', ')}, as its pods have counted since they started`;
}

/** Shown beside the cost of a request, which is what is judged: with the success rate it bounds this ratio. */
function costPerSuccess(name: string, { canary, stable }: Evidence, objectives: readonly Objective[]): string {
  if (objectives.find((objective) => objective.name === name)?.cost === undefined) return '';
  const [ofCanary, ofStable] = [dollarsPerSuccess(canary), dollarsPerSuccess(stable)];
  const about = canary.costDollars === undefined || stable.costDollars === undefined ? 'about ' : '';
  return ofCanary === undefined || ofStable === undefined ? '' : `; a success costs ${about}$${ofCanary} on the new revision and ${about}$${ofStable} on the stable one`;
}

/** Three digits; of the exact sum, or where some pod has not told it of the middles of the buckets. Undefined where no success or no cost was counted. */
function dollarsPerSuccess({ requests, bad, costBuckets = [], costDollars }: Sample): number | undefined {
  const successes = requests - bad;
  const rising = costBuckets.filter(({ le }) => le !== infinityEdge).toSorted((a, b) => a.le - b.le);
  if (successes <= 0 || rising.length === 0) return undefined;
  const last = rising.at(-1);
  const beyond = (costBuckets.find(({ le }) => le === infinityEdge)?.count ?? 0) - (last?.count ?? 0);
  const dollars = costDollars ?? rising.reduce((sum, { le, count }, index) => sum + (count - (rising[index - 1]?.count ?? 0)) * midpoint(le, rising[index - 1]?.le), Math.max(0, beyond) * (last?.le ?? 0));
  return Number((dollars / successes).toPrecision(3));
}
