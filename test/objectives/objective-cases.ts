import type { Objective } from '@sluice/crds';
import type { ScriptInput } from '../provider-simulator/script/script.ts';

/** What a revision has in place of the example's agent. */
export interface RevisionChange {
  /** Added to the prompt: another text is another revision. */
  readonly prompt: string;
  readonly model?: string;
  /** Path of the tool at the provider simulator. */
  readonly toolPath?: string;
}

/** An agent that is judged by one objective: a revision that is as good or better, and one that is worse in what the objective counts. */
export interface ObjectiveCase {
  /** Of the agent, and of its objective. */
  readonly name: string;
  readonly source: 'Pods' | 'Prometheus';
  readonly objective: Omit<Objective, 'name' | 'role'>;
  /** What its users ask all the time. */
  readonly question: string;
  /** How many do; default 2. */
  readonly users?: number;
  readonly asGood: RevisionChange;
  readonly worse: RevisionChange;
  /** What the verdict on the worse one must tell, besides the objective. */
  readonly tells: RegExp;
}

export const FIRST: RevisionChange = { prompt: 'The first.' };

const NAMELESS = 'Call the tool without an order number.';
const BY_HEART = 'Answer from memory.';
const USUAL = 'claude-sonnet-5-5';
const CHEAP = 'claude-haiku-5-5';
const DEAR = 'claude-opus-5-5';
const FAILING_TOOL = '/tools/orders-v2/{order_id}';

const ABOUT_AN_ORDER = 'Where is my order 1042?';
const AS_GOOD: RevisionChange = { prompt: 'Thank the customer.' };
/** Percentage points; wide, so that some dozen requests decide. */
const MARGIN = 30;

const REFUSED_CALLS = 'sluice_tool_calls_total{outcome="refused"}';
const byPod = (series: string): string => `sum by (namespace, pod) (${series})`;

/** Each failed call is one of a tool that answers 500. */
const failingTool = { objective: { toolErrors: { maxRisePoints: MARGIN } }, question: ABOUT_AN_ORDER, asGood: AS_GOOD, worse: { prompt: 'Look into the new system.', toolPath: FAILING_TOOL }, tells: shares() } as const;
/** The model leaves out an argument that the tool needs. */
const wrongCalls = { question: ABOUT_AN_ORDER, asGood: AS_GOOD, worse: { prompt: NAMELESS }, tells: shares() } as const;

/** One for each kind that counts something else than requests; with Prometheus the twins of two of them. */
export const objectiveCases: readonly ObjectiveCase[] = [
  {
    name: 'cost',
    source: 'Pods',
    // A cost counts by its share of a cap of ten times the mean: a margin of a fifth takes hundreds of requests.
    objective: { cost: { maxIncreasePercent: 50 } },
    question: 'How do refunds work?',
    users: 5,
    asGood: { ...AS_GOOD, model: CHEAP },
    worse: { prompt: 'Think hard.', model: DEAR },
    tells: /\$[\d.]+ a request \(\d+ requests\) on the new revision and \$[\d.]+ a request \(\d+ requests\) on the stable one, \d+/,
  },
  { name: 'tools', source: 'Pods', ...failingTool },
  { name: 'cited', source: 'Pods', objective: { citations: { maxDropPoints: MARGIN } }, question: ABOUT_AN_ORDER, asGood: AS_GOOD, worse: { prompt: BY_HEART }, tells: shares() },
  {
    name: 'refused',
    source: 'Pods',
    objective: { counter: { bad: { metric: 'sluice_tool_calls_total', labels: [{ name: 'outcome', value: 'refused' }] }, total: { metric: 'sluice_tool_calls_total' }, maxRisePoints: MARGIN } },
    ...wrongCalls,
  },
  { name: 'tools-prometheus', source: 'Prometheus', ...failingTool },
  { name: 'refused-prometheus', source: 'Prometheus', objective: { query: { bad: byPod(REFUSED_CALLS), total: byPod('sluice_tool_calls_total'), maxRisePoints: MARGIN } }, ...wrongCalls },
];

/** Cases whose verdicts must be the same, because only the source is another. */
export const twins: readonly (readonly [string, string])[] = [['tools', 'tools-prometheus'], ['refused', 'refused-prometheus']];

/** A request of the first revision costs about 2 cents, one of the cheap model a third of that, and one of the dear model five times as much. */
export const prices = [
  { model: USUAL, inputDollarsPerMillionTokens: 110, outputDollarsPerMillionTokens: 200 },
  { model: CHEAP, inputDollarsPerMillionTokens: 40, outputDollarsPerMillionTokens: 70 },
  { model: DEAR, inputDollarsPerMillionTokens: 550, outputDollarsPerMillionTokens: 1_000 },
];

/** What the model and the tool do with the worse revisions. */
export const providerScript: ScriptInput = {
  seed: 1,
  latency: { lognormalMs: { median: 40, p95: 120 } },
  tools: { 'orders-v2': { latency: { fixedMs: 20 }, failShare: 1 } },
  rules: [
    { match: { systemContains: BY_HEART, toolResult: false }, respond: { answer: 'It will be with you soon.' } },
    { match: { systemContains: NAMELESS, toolResult: false }, respond: { toolCalls: [{ name: 'order_status', arguments: {} }] } },
  ],
};

/** The rates and counts of both revisions. */
function shares(): RegExp {
  return /\d+ bad of \d+ \([\d.]+ %\) on the new revision and \d+ bad of \d+ \([\d.]+ %\) on the stable one, [\d.]+ points apart/;
}
