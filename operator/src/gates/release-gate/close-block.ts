import type { Evidence, GateMeasure, GateRecord, Objective } from '@sluice/crds';
import type { Judgement } from '../sequential/index.ts';
import { blockLine } from './block-line.ts';
import { blockOf, type BlockTraffic } from './block-of.ts';
import { isSettled } from '../sequential/accumulate.ts';
import { countedFrom } from './later-counts.ts';
import { policyIn, stateIn, stateText } from './gate-record.ts';
import { slowEdge } from './everyday-past.ts';
import { judgeLine } from './replay.ts';
import { mostBlocks } from './step-length.ts';

/** Characters, all of them ASCII; etcd takes 1.5 MiB for the whole object. */
export const longestLog = 524_288;

/** One look at the gates of a release. Times are milliseconds since the epoch. */
export interface GateLook extends BlockTraffic {
  /** Totals of the window, this look included, and as they were when the last block closed. */
  readonly evidence: Evidence;
  readonly before: Evidence | undefined;
  /** Since when this process counts. */
  readonly countsFrom?: number | undefined;
  readonly objectives: readonly Objective[];
  readonly now: number;
  readonly step: number;
  readonly stepSince: number;
  /** When the gates began, moved on by the time that the clock was stopped. */
  readonly startedAt: number;
  /** From when the test at the deadline is counted, where that is another time. */
  readonly testFrom?: number | undefined;
}

export interface ClosedBlock {
  /** To count the next block from. */
  readonly evidence: Evidence;
  readonly record: GateRecord;
  readonly judgement: Judgement;
}

/**
 * The verdict where a block closes with this look; undefined between blocks. The judgement is that of the very line which goes into the log,
 * so that a replay of the log cannot come to another one. Throws a GatePolicyError for a record that was damaged.
 */
export function closeBlock(record: GateRecord, { evidence, before, countsFrom, objectives, ...look }: GateLook): ClosedBlock | undefined {
  const policy = policyIn(record);
  const state = stateIn(record.state);
  const block = blockOf({ now: evidence, before, countsFrom, measures: record.measures, intervalMs: policy.scrapeIntervalMs, lookedAt: look.now, closedAt: state.lastScrapeAt }, look);
  if (block === undefined) return undefined;
  const line = blockLine({ block, now: look.now, step: look.step, stepSince: look.stepSince, startedAt: look.startedAt, testFrom: look.testFrom });
  const judgement = judgeLine(state, line, policy);
  const measures = record.measures.map((measure) => calibrated(measure, evidence, objectives));
  // Counts of another weight, or from before it settled, must not be merged into a proof.
  const counted = isSettled(block, policy) ? countedFrom(evidence, before, objectives) : evidence;
  return { evidence: counted, record: { ...withLine(record, line), measures, state: stateText(judgement.state) }, judgement };
}

/** The log is bounded, in lines and in characters, so that the Release can be stored; what the oldest lines led to is kept in their place. */
function withLine(record: GateRecord, line: string): GateRecord {
  const log = [...record.log, line];
  let characters = log.reduce((sum, each) => sum + each.length, 0);
  let from = record.from;
  while (log.length > mostBlocks || (characters > longestLog && log.length > 1)) {
    const oldest = log.shift() ?? '';
    characters -= oldest.length;
    from = stateText(judgeLine(stateIn(from), oldest, policyIn(record)).state);
  }
  return { ...record, from, log };
}

/** Where the stable revision's past did not say what is slow, its first blocks do; they are no evidence, as the edge was chosen by them. */
function calibrated(measure: GateMeasure, { stable }: Evidence, objectives: readonly Objective[]): GateMeasure {
  const latency = objectives.find(({ name }) => name === measure.objective)?.latency;
  if (measure.kind !== 'Latency' || measure.edge !== undefined || latency === undefined) return measure;
  const edge = slowEdge(stable, latency.percentile);
  return edge === undefined ? measure : { ...measure, edge };
}

