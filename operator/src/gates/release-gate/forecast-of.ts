import type { GateForecast, PastCounts, RolloutSpec } from '@sluice/crds';
import { isoTime } from '../../evidence/clock-time.ts';
import { expectedRate } from '../statistics/index.ts';
import { type Forecast, forecast, forecastSteps, type GatePolicy, type StepForecast } from '../sequential/index.ts';
import { decimal } from '../wording.ts';
import { outageFailures } from './everyday-past.ts';
import { neverShown, shownName } from './never-shown.ts';
import { unlikePods } from './pod-dispersion.ts';
import { requestsPerMinute, trafficByStep, trafficOf } from './policy-of.ts';

type ObjectiveForecast = GateForecast['objectives'][number];
type StepsForecast = NonNullable<GateForecast['steps']>[number];

interface Inputs {
  readonly rollout: RolloutSpec;
  readonly policy: GatePolicy;
  readonly past: PastCounts | undefined;
  readonly now: number;
}

/** How long the gates will take with the traffic of today; undefined as long as that is not known. */
export function forecastOf({ rollout, policy, past, now }: Inputs): GateForecast | undefined {
  const perMinute = requestsPerMinute(past);
  const traffic = trafficOf(rollout, past);
  // Without any step that divides the traffic nothing can be compared.
  if (perMinute === undefined || traffic === undefined) return undefined;
  const whole = forecastSteps(policy, trafficByStep(rollout, past));
  const last = whole.at(-1);
  const gates = forecast(policy, traffic);
  const objectives = gates.map((each) => objectiveOf(each, policy, whole));
  const steps = whole.map(stepOf);
  // Pods that started before an outage differ by that alone from those that started after it.
  const outage = outageSentence(past);
  const sentences = [
    `The stable revision gets ${decimal(perMinute, 1)} requests a minute on average since its pods started, of which the new one will get ${decimal(traffic.canaryPerMinute, 1)} in the last step that compares the two`,
    ...objectives.map((each) => sentenceOf(each, { rollout, policy, past })),
    ...(objectives.length === 0 ? ['no objective is a gate, so nothing has to be proven: the times of the steps decide, what is measured can only roll back, and nothing is promoted while none of it can be measured'] : []),
    ...(objectives.length === 0 ? [] : guardSentence(policy)),
    stepSentence(whole),
    ...(outage.length === 0 ? unlikePods(past, policy) : outage),
  ];
  return {
    at: isoTime(now), summary: summaryOf(objectives, steps, last), requestsPerMinute: Number(perMinute.toFixed(2)), message: sentences.join('; ').slice(0, 2_048),
    objectives, steps,
  };
}

/** What is to be said where the stable pods could not be read: no number is invented. */
export function noForecast(why: string, now: number): GateForecast {
  return { at: isoTime(now), summary: 'not known', message: `What the objectives will need is not known: ${why}`.slice(0, 2_048), objectives: [] };
}

/** Out of reach is what cannot be shown in time at the last weight, and what keeps some step from ending in time. */
function objectiveOf({ metric, requests, minutes, reachable, smallestMargin }: Forecast, policy: GatePolicy, steps: readonly StepForecast[]): ObjectiveForecast {
  const known = policy.metrics.find(({ name }) => name === metric);
  const history = known === undefined || known.kind === 'Cost' ? undefined : known.history;
  const stops = steps.find((step) => step.reachable === 'No')?.slowest === metric;
  return {
    name: metric,
    ...(Number.isFinite(requests) ? { requests } : {}),
    ...(Number.isFinite(minutes) ? { minutes: Number(minutes.toFixed(1)) } : {}),
    reachable: reachable === 'No' || stops ? 'No' : 'Yes',
    ...(smallestMargin === undefined ? {} : { smallestMarginPoints: Number((smallestMargin * 100).toFixed(2)) }),
    ...(known?.kind === 'Rate' ? { marginPoints: Number(((known.margins.at(-1) ?? 0) * 100).toFixed(4)) } : {}),
    ...(history === undefined ? {} : { badPercent: Number((expectedRate(history) * 100).toFixed(4)) }),
  };
}

function stepOf({ requests, minutes, reachable, slowest }: StepForecast, index: number): StepsForecast {
  return {
    step: index + 1,
    ...(Number.isFinite(requests) ? { requests } : {}),
    ...(Number.isFinite(minutes) ? { minutes: Number(minutes.toFixed(1)) } : {}),
    reachable,
    ...(slowest === undefined ? {} : { slowest }),
  };
}

function sentenceOf({ name: metric, requests, minutes, reachable, smallestMarginPoints }: ObjectiveForecast, inputs: Omit<Inputs, 'now'>): string {
  const { rollout: { maxDuration }, policy: { metrics } } = inputs;
  const name = shownName(metric);
  if (requests === undefined) return neverShown(metric, inputs);
  const time = minutes === undefined ? 'which never come' : `about ${decimal(minutes, minutes < 10 ? 1 : 0)} min`;
  const smallest = smallestMarginPoints === undefined ? '' : `; within ${maxDuration} the smallest margin that can be decided is ${decimal(smallestMarginPoints, 2)} ${metrics.find((each) => each.name === metric)?.kind === 'Cost' ? '%' : 'points'}`;
  const within = reachable === 'Yes' ? '' : ` and cannot be decided within ${maxDuration}: widen the margin, raise maxDuration or the weight of the steps`;
  return `${name} needs about ${requests} requests of the new revision, ${time}${within}${smallest}`;
}

/** They are in no forecast, and whoever has written one looks for it. */
function guardSentence({ metrics }: GatePolicy): string[] {
  const proven = new Set(metrics.filter(({ role }) => role === 'gate').map(({ name }) => shownName(name)));
  const guards = [...new Set(metrics.filter(({ role }) => role !== 'gate').map(({ name }) => shownName(name)))].filter((name) => !proven.has(name));
  if (guards.length === 0) return [];
  return [`${guards.join(', ')} ${guards.length === 1 ? 'is a guard: it needs' : 'are guards: they need'} no proof, and can only roll back`];
}

function stepSentence(whole: readonly StepForecast[]): string {
  const each = whole.map(({ minutes, slowest }, index) => `step ${index + 1} ${Number.isFinite(minutes) ? `about ${spanText(minutes, minutes < 10 ? 1 : 0)}` : `never ends for ${slowest === undefined ? 'its gates' : shownName(slowest)}`}`);
  const last = whole.at(-1)?.endsAfter ?? Infinity;
  return `a revision as good as the stable one takes: ${each.join(', ')}${Number.isFinite(last) ? `, all of them about ${spanText(last, last < 10 ? 1 : 0)}` : ''}`;
}

function outageSentence(past: PastCounts | undefined): string[] {
  const lost = past === undefined ? 0 : outageFailures(past);
  return past === undefined || lost === 0 ? [] : [`the model provider failed ${lost} of the ${past.requests} requests since the pods of the stable revision started: they are left out of what is expected`];
}

/** Of a step that lasts about a minute what is beyond the minute tells something: lint and the status say it in seconds, too. */
function spanText(minutes: number, digits: number): string {
  return minutes < 2 ? `${Math.ceil(Number((minutes * 60).toFixed(3)))} s` : `${decimal(minutes, digits)} min`;
}

function summaryOf(objectives: readonly ObjectiveForecast[], steps: readonly StepsForecast[], last: StepForecast | undefined): string {
  const lost = objectives.filter(({ reachable }) => reachable === 'No').map(({ name }) => shownName(name));
  if (lost.length > 0) return `out of reach: ${lost.join(', ')}`.slice(0, 256);
  const step = steps.find(({ reachable }) => reachable === 'No');
  return step === undefined ? `about ${spanText(last?.endsAfter ?? 0, 0)}` : `out of reach: step ${step.step}`;
}

/** Whether some gate or step will not come to a verdict in time. */
export function isOutOfReach({ objectives, steps = [] }: GateForecast): boolean {
  return [...objectives, ...steps].some(({ reachable }) => reachable === 'No');
}
