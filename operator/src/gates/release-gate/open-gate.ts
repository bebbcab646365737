import type { CarriedGate, Evidence, GateRecord, PastCounts, RolloutSpec } from '@sluice/crds';
import { isDeepStrictEqual } from 'node:util';
import { isoTime } from '../../evidence/clock-time.ts';
import { againstAnother, carryOver, type GatePolicy, GatePolicyError, type GateState, openState, policyFingerprint } from '../sequential/index.ts';
import { forecastOf } from './forecast-of.ts';
import { policyIn, stateIn, stateText } from './gate-record.ts';
import { measuresOf } from './measures.ts';
import { withDroppedGates, withFindingOf } from './dropped-gates.ts';
import { policyOf, type Split } from './policy-of.ts';

/** What the gates of a release depend on besides its evidence. Times in milliseconds. */
export interface GateTerms {
  readonly rollout: RolloutSpec;
  readonly requestTimeoutMs: number;
  /** Of maxDuration, what was over before the first step. */
  readonly elapsedMs: number;
  readonly carried?: CarriedGate | undefined;
  /** Default `ByRequest`. */
  readonly split?: Split;
}

/** The gates of a release before its first step: metrics, margins and what is expected are frozen by what the stable pods have counted. */
export function openGate(terms: GateTerms, past: PastCounts | undefined, now: number): GateRecord {
  const { rollout, carried } = terms;
  const measures = measuresOf(rollout.gates ?? {}, { past, known: carried?.measures ?? [] });
  const policy = policyOf({ ...terms, measures, past });
  const state = stateText(firstState(policy, carried, now));
  const forecast = forecastOf({ rollout, policy, past, now });
  return { policy: asStored(policy), measures, from: state, state, log: [], ...(forecast === undefined ? {} : { forecast }) };
}

/**
 * What an attempt leaves to the next one, which is compared with the `same` stable revision or with `another`: that it is no worse than the
 * one says nothing about the other, so only the count of attempts is left, and what was frozen by the pods of the other is of no use.
 */
export function carriedFrom(release: string, { measures, state }: Pick<GateRecord, 'measures' | 'state'>, stable: 'same' | 'another'): CarriedGate {
  return stable === 'same' ? { release, measures, state } : { release, measures: [], state: withoutEvidence(state) };
}

/** What cannot be read is left so: it costs the next attempt half of the risk. */
function withoutEvidence(text: string): string {
  try {
    return stateText(againstAnother(stateIn(text)));
  } catch (error) {
    if (!(error instanceof GatePolicyError)) throw error;
    return text;
  }
}

/** What cannot be read is not forgotten either: the risk of promotion is halved, as for evidence of other metrics. */
const unreadable: Pick<GateState, 'attempt' | 'freshStarts'> = { attempt: 1, freshStarts: 1 };

function firstState(policy: GatePolicy, carried: CarriedGate | undefined, now: number): GateState {
  if (carried === undefined) return openState(policy, now);
  try {
    return carryOver(stateIn(carried.state), policy, now);
  } catch (error) {
    if (!(error instanceof GatePolicyError)) throw error;
    return { ...openState(policy, now), ...unreadable };
  }
}

/**
 * Whether evidence was gathered, or given up for an edit, since the first step began. From then on the gates go on with what they have:
 * one that could begin anew with each edit would promote anything in the end. The log does not tell, because an edit empties it.
 */
export function hasEvidence({ startedAt, log, state }: GateRecord, { carried }: Pick<GateTerms, 'carried'>): boolean {
  if (log.length > 0 || startedAt === undefined) return log.length > 0;
  const known = stateIn(state);
  return known.lastScrapeAt !== undefined || known.attempt > firstAttempt(carried);
}

function firstAttempt(carried: CarriedGate | undefined): number {
  if (carried === undefined) return 0;
  try {
    return stateIn(carried.state).attempt + 1;
  } catch (error) {
    if (!(error instanceof GatePolicyError)) throw error;
    return unreadable.attempt;
  }
}

/** The gates when the first step is real: their clock begins. */
export function beginGate(record: GateRecord | undefined, terms: GateTerms, { evidence, now }: { readonly evidence: Evidence | undefined; readonly now: number }): GateRecord {
  const past = evidence?.past;
  const opened = openGate(terms, past, now);
  const known = record !== undefined && past === undefined ? { ...opened, ...withPolicy(record, terms) } : opened;
  return { ...known, ...(record?.forecast === undefined || past !== undefined ? {} : { forecast: record.forecast }), startedAt: isoTime(now) };
}

/**
 * The gates under the rollout of today. Histories, risks and the test of the deadline stay as they were frozen. Other times take effect
 * at once; what was gathered of other metrics or margins cannot be judged, so their evidence begins anew at half of the risk.
 */
export function withPolicy(record: GateRecord, terms: GateTerms): GateRecord {
  const frozen = policyIn(record);
  const measures = measuresOf(terms.rollout.gates ?? {}, { past: undefined, known: record.measures });
  const policy = withDroppedGates(policyOf({ ...terms, measures, past: undefined, frozen }), frozen, record);
  if (isDeepStrictEqual(policy, frozen) && isDeepStrictEqual(measures, record.measures)) return record;
  const before = stateIn(record.state);
  const same = policyFingerprint(policy) === before.fingerprint;
  const state = stateText(same ? withFindingOf(before, policy, frozen) : { ...carryOver(before, policy, before.startedAt), ...trafficPlace(before) });
  return { ...record, policy: asStored(policy), measures, from: state, state, log: [] };
}

/** An edit moves no traffic. */
function trafficPlace({ share, fallen }: GateState): Pick<GateState, 'share' | 'fallen'> {
  return { ...(share === undefined ? {} : { share }), ...(fallen === undefined ? {} : { fallen }) };
}

/** Plain JSON; the schema knows only that it is an object. */
function asStored(policy: GatePolicy): GateRecord['policy'] {
  return { ...policy };
}
