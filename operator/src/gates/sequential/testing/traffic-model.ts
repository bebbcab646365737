import { badCount, normal, type Random, requestCount } from './seeded-random.ts';

/** What both revisions did in one minute. */
export interface Minute {
  readonly nc: number;
  readonly xc: number;
  readonly ns: number;
  readonly xs: number;
  /** Percent of the traffic that the canary has, and the minute since which it has that; default 10 all the time. */
  readonly share?: { readonly weight: number; readonly since: number };
}

export interface TrafficModel {
  /** Requests of the canary in a minute, and stable ones to each of them. */
  readonly canaryPerMinute: number;
  readonly stablePerCanary: number;
  /** Bad rate of stable, and what the canary's lies above it. */
  readonly baseline: number;
  readonly drop: number;
  readonly minutes: number;
  /** What hits both alike: nothing, failures of 40 points for five minutes, or a rate that wanders (AR(1) of its logarithm). */
  readonly shared?: 'Steady' | 'Outage' | 'Wobble';
  /** Share of the minutes in which the canary is worse, by so much more. Default 1: all the time. */
  readonly harmfulShare?: number;
  /** Requests that end alike. Default 1. */
  readonly cluster?: number;
  /** Minutes after which a failure is counted, as a timeout is; a success is counted at once. Default 0. */
  readonly failureDelay?: number;
  /** Minutes after which a success is counted, where failures are quicker. Default 0. */
  readonly successDelay?: number;
  /** Percent of all requests that the canary has from each of these minutes on, the first one 0; default: what stablePerCanary comes to. */
  readonly weights?: readonly (readonly [from: number, weight: number])[];
}

const outageMinutes = 5;
const outageFailures = 0.4;
const wobble = { memory: 0.9, deviation: 0.8 };

/** The minutes of one release. The canary begins with the first minute, stable served before. */
export function trafficOf(model: TrafficModel, random: Random): readonly Minute[] {
  const { harmfulShare = 1, failureDelay = 0, successDelay = 0, shared = 'Steady' } = model;
  const outageAt = Math.floor(random() * Math.max(1, model.minutes - outageMinutes));
  const late: number[] = [];
  const answers: { readonly canary: number; readonly stable: number }[] = [];
  let wander = normal(random);
  return Array.from({ length: model.minutes }, (_, minute) => {
    wander = wobble.memory * wander + Math.sqrt(1 - wobble.memory ** 2) * normal(random);
    const rate = sharedRate(model.baseline, { shared, outage: minute >= outageAt && minute < outageAt + outageMinutes, wander });
    const drop = random() < harmfulShare ? model.drop / harmfulShare : 0;
    const share = shareAt(model, minute);
    const all = model.canaryPerMinute * (1 + model.stablePerCanary);
    const canary = share === undefined ? model.canaryPerMinute : (all * share.weight) / 100;
    const [nc, ns] = [requestCount(canary, random), requestCount(share === undefined ? model.canaryPerMinute * model.stablePerCanary : all - canary, random)];
    const failures = clustered(nc, Math.min(1, rate + drop), model.cluster ?? 1, random);
    const xs = clustered(ns, rate, model.cluster ?? 1, random);
    late.push(failures);
    answers.push({ canary: nc - failures, stable: ns - xs });
    const counted = late[minute - failureDelay] ?? 0;
    // Stable had answered as many before, or those of all users.
    const ended = answers[minute - successDelay] ?? { canary: 0, stable: share === undefined ? ns - xs : Math.round(all * (1 - rate)) };
    return { nc: ended.canary + counted, xc: counted, ns: ended.stable + xs, xs, ...(share === undefined ? {} : { share }) };
  });
}

function shareAt({ weights }: TrafficModel, minute: number): Minute['share'] {
  const [since = 0, weight = 0] = weights?.findLast(([from]) => from <= minute) ?? [];
  return weights === undefined ? undefined : { weight, since };
}

function sharedRate(baseline: number, { shared, outage, wander }: { readonly shared: NonNullable<TrafficModel['shared']>; readonly outage: boolean; readonly wander: number }): number {
  if (shared === 'Outage') return outage ? Math.min(1, baseline + outageFailures) : baseline;
  return shared === 'Wobble' ? Math.min(0.5, baseline * Math.exp(wobble.deviation * wander - wobble.deviation ** 2 / 2)) : baseline;
}

/** Whole clusters are bad; requests beyond the last whole one are a smaller cluster. */
function clustered(n: number, rate: number, size: number, random: Random): number {
  const rest = n % size;
  return badCount((n - rest) / size, rate, random) * size + (rest > 0 && random() < rate ? rest : 0);
}
