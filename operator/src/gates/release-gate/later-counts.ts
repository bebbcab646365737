import type { Evidence, Objective, Sample } from '@sluice/crds';
import { emptySample } from '../../evidence/sample.ts';
import { missingIn } from './block-of.ts';

/**
 * The totals to count the next block from: those of now, yet of an objective that could not be counted on some pod those of the block
 * before, so that its counts come with a later block, of both revisions and for the same time.
 */
export function countedFrom(now: Evidence, before: Evidence | undefined, objectives: readonly Objective[]): Evidence {
  const missing = missingIn(now);
  if (missing.size === 0) return now;
  const last = before?.since === now.since ? before : undefined;
  const asked = objectives.filter(({ name }) => missing.has(name));
  return { ...now, stable: withEarlier(now.stable, last?.stable ?? emptySample, asked), canary: withEarlier(now.canary, last?.canary ?? emptySample, asked) };
}

function withEarlier({ counts = [], costBuckets, costDollars, ...now }: Sample, before: Sample, asked: readonly Objective[]): Sample {
  const isAsked = ({ name }: { readonly name: string }) => asked.some((each) => each.name === name);
  const kept = [...counts.filter((each) => !isAsked(each)), ...(before.counts ?? []).filter(isAsked)];
  return {
    ...now,
    ...(kept.length === 0 ? {} : { counts: kept }),
    ...(asked.some(({ latency }) => latency !== undefined) ? { latencyBuckets: before.latencyBuckets } : {}),
    ...costsOf(asked.some(({ cost }) => cost !== undefined) ? { costBuckets: before.costBuckets ?? [], costDollars: before.costDollars } : { costBuckets, costDollars }),
  };
}

/** The buckets and their sum belong together. */
function costsOf({ costBuckets, costDollars }: { readonly [Key in 'costBuckets' | 'costDollars']: Sample[Key] | undefined }): Pick<Sample, 'costBuckets' | 'costDollars'> {
  return { ...(costBuckets === undefined ? {} : { costBuckets }), ...(costDollars === undefined ? {} : { costDollars }) };
}
