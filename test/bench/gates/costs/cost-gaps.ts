import type { GateMeasure, Sample } from '@sluice/crds';
import { emptySample, infinityEdge } from '../../../../operator/src/evidence/sample.ts';
import { countsBetween } from '../../../../operator/src/gates/release-gate/counts.ts';
import type { CostCounts } from '../../../../operator/src/gates/statistics/index.ts';
import { costBuckets } from '../../../../runtime/src/telemetry/cost-metrics.ts';
import type { CostGap } from './cost-cells.ts';
import type { CountedCosts } from './cost-traffic.ts';

interface BothCosts {
  readonly canary: CountedCosts;
  readonly stable: CountedCosts;
}

const newest: readonly number[] = [0.00003, 3.15];
const decades: readonly number[] = [0.0001, 0.001, 0.01, 0.1, 1, 10];
const isHalf = (_: number, place: number): boolean => place % 2 === 1;

const edgesOf: Readonly<Record<Exclude<CostGap, 'NoSums'>, (edge: number, place: number) => boolean>> = {
  OldCanary: (edge) => !newest.includes(edge),
  HalfOfCanary: isHalf,
  HalfOfBoth: isHalf,
  DecadesOfCanary: (edge) => decades.includes(edge),
};

const measure: GateMeasure = { metric: 'cost', objective: 'cost', kind: 'Cost', edges: [...costBuckets] };

/** What the operator makes, by its own code, of pods that do not tell all. */
export function toldWith(gap: CostGap, { canary, stable }: BothCosts): CostCounts {
  const whole = () => true;
  const [ofCanary, ofStable] = gap === 'NoSums' ? [whole, whole] : [edgesOf[gap], gap === 'HalfOfBoth' ? edgesOf[gap] : whole];
  const span = (costs: CountedCosts, isTold: (edge: number, place: number) => boolean) => ({ now: sampleOf(costs, isTold, gap), before: emptySample });
  const counts = countsBetween(measure, span(canary, ofCanary), span(stable, ofStable));
  if (counts === undefined || !('countsCanary' in counts)) throw new Error(`costs with the gap ${gap} are missing as a whole`);
  return counts;
}

function sampleOf({ counts, dollars }: CountedCosts, isTold: (edge: number, place: number) => boolean, gap: CostGap): Sample {
  let requests = 0;
  const upTo = [...costBuckets, infinityEdge].map((le, place) => ({ le, count: (requests += counts[place] ?? 0) }));
  const buckets = upTo.filter(({ le }, place) => le === infinityEdge || isTold(le, place));
  return { requests, bad: 0, latencyBuckets: [], costBuckets: buckets, ...(gap === 'NoSums' ? {} : { costDollars: dollars }) };
}
