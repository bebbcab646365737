import type { Evidence, GateForecast, ObjectiveResult } from '@sluice/crds';
import { wholeSeconds } from '../evidence/clock-time.ts';
import type { Judgement, Reason } from '../gates/sequential/index.ts';
import { problemSentence, problemsOf } from './gate-words.ts';

interface Said {
  readonly results: readonly ObjectiveResult[];
  readonly judgement: Judgement;
}

interface Known {
  readonly evidence: Evidence;
  /** As it was told before any of the traffic moved. */
  readonly forecast: GateForecast | undefined;
}

/** Reasons for which a release waits for requests, whatever else they say. */
const waiting: ReadonlySet<Reason> = new Set<Reason>(['Undecided', 'DataMissing', 'NotSettled', 'MinimumTime', 'StepsLeft', 'TimeUp']);

/**
 * What the gates say where no requests came: that, by which time, and how many are needed, as the forecast has it. Rates of nothing would hide
 * it; what cannot be counted either way would hold the release up later, so it is said with it. It is read until the next block has closed, when
 * requests may have come, so it says of which moment it speaks. Words alone, as of {@link withSources}.
 */
export function withNoTraffic(said: Said, { evidence, forecast }: Known): Said {
  const unserved = waiting.has(said.judgement.reason) ? unservedIn(evidence, said.judgement) : undefined;
  if (unserved === undefined) return said;
  const since = `no requests reached ${unserved} revision since ${wholeSeconds(evidence.since)}${asOf(evidence)}`;
  if (unserved === 'the new') return { ...said, judgement: { ...said.judgement, sentence: `${since}; ${said.judgement.sentence}` } };
  const needs = (names?: readonly string[]) => neededSentence(neededOf(said.judgement, forecast, names));
  return {
    results: said.results.map((result) => ({ ...result, message: `${result.name}: ${since}${needs([result.name, `${result.name}/bound`])}${problemsOf(result.name, evidence)}` })),
    judgement: { ...said.judgement, sentence: `${since}${needs()}${problemSentence(evidence.problems ?? [])}` },
  };
}

/** Until when nobody came. */
function asOf({ since, lastScrapeAt = since }: Evidence): string {
  return Date.parse(lastScrapeAt) > Date.parse(since) ? `, as of ${wholeSeconds(lastScrapeAt)}` : '';
}

/** Whom no requests have reached; undefined where somebody's have, and where that cannot be told. */
function unservedIn({ lastScrapeAt, problems = [], canary, stable }: Evidence, { state }: Judgement): 'either' | 'the new' | undefined {
  const isRead = lastScrapeAt !== undefined && state.partial !== 'Yes' && problems.every(({ objective }) => objective !== undefined);
  if (!isRead || canary.requests > 0) return undefined;
  return stable.requests > 0 ? 'the new' : 'either';
}

/** Of the gate that needs most. */
function neededOf({ metrics }: Judgement, forecast: GateForecast | undefined, names?: readonly string[]): number {
  const gates = metrics.filter(({ role, name }) => role === 'gate' && names?.includes(name) !== false);
  return Math.max(0, ...gates.map(({ name, requestsLeft = 0 }) => forecast?.objectives.find((each) => each.name === name)?.requests ?? requestsLeft));
}

function neededSentence(requests: number): string {
  return requests === 0 ? '' : `; about ${requests} of the new revision are needed if it is as good as the stable one`;
}
