import type { Evidence, GateRecord } from '@sluice/crds';
import { epochMsOf, isoTime } from '../../evidence/clock-time.ts';
import { emptyEvidence } from '../../evidence/empty-evidence.ts';
import { policyIn, stateIn, stateText } from './gate-record.ts';

/** The gates on a clock that has gone back, with a window of their own. */
export interface Rewound {
  readonly record: GateRecord;
  readonly evidence: Evidence;
  /** By how much, milliseconds. */
  readonly byMs: number;
}

/**
 * Where the last block closed, or the window began, at a time that is yet to come, as by a node whose clock is ahead, no block would close until then: the window is
 * given up and another begins, settled anew. What was bet stays. Undefined where the clock is at most an interval behind. `now` is epoch
 * milliseconds.
 */
export function clockWentBack(record: GateRecord, before: Evidence | undefined, now: number): Rewound | undefined {
  const state = stateIn(record.state);
  const byMs = Math.max(state.lastScrapeAt ?? -Infinity, epochMsOf(before?.lastScrapeAt ?? before?.since) ?? -Infinity) - now;
  if (byMs <= policyIn(record).scrapeIntervalMs) return undefined;
  const text = stateText({ ...state, lastScrapeAt: now });
  const began = isoTime(Math.min(now, epochMsOf(record.startedAt) ?? now));
  const test = epochMsOf(record.testFrom);
  return {
    record: { ...record, startedAt: began, ...(test === undefined ? {} : { testFrom: isoTime(Math.min(now, test)) }), weightSince: isoTime(now), from: text, state: text, log: [] },
    evidence: emptyEvidence(isoTime(now), before?.past),
    byMs,
  };
}
