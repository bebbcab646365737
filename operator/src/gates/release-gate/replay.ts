import type { GateRecord } from '@sluice/crds';
import { type GatePolicy, GatePolicyError, type GateState, judge, type Judgement } from '../sequential/index.ts';
import { parseBlockLine } from './block-line.ts';
import { policyIn, stateIn } from './gate-record.ts';

/** What each block of a record's log led to, by the very judge of the operator; the state after the last is the record's own. */
export function replay(record: Pick<GateRecord, 'policy' | 'from' | 'log'>): readonly Judgement[] {
  const policy = policyIn(record);
  const judgements: Judgement[] = [];
  let state = stateIn(record.from);
  for (const line of record.log) {
    const judgement = judgeLine(state, line, policy);
    judgements.push(judgement);
    ({ state } = judgement);
  }
  return judgements;
}

/** The judgement of one line of the log. Throws a BlockLineError for a line that is none, and a GatePolicyError where state or policy have not the form in which they were written. */
export function judgeLine(state: GateState, line: string, policy: GatePolicy): Judgement {
  const { block, now, step, stepSince, startedAt, testFrom } = parseBlockLine(line);
  try {
    return judge({ state: { ...state, startedAt }, blocks: [block], now, step, stepSince, testFrom }, policy);
  } catch (cause) {
    if (cause instanceof GatePolicyError) throw cause;
    throw new GatePolicyError(`the record of the gates is damaged, and cannot be judged by: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
