import type { GateRecord } from '@sluice/crds';
import { type GatePolicy, type GateState, judge, type Judgement } from '../sequential/index.ts';
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

/** The judgement of one line of the log. */
export function judgeLine(state: GateState, line: string, policy: GatePolicy): Judgement {
  const { block, now, step, stepSince, startedAt, testFrom } = parseBlockLine(line);
  return judge({ state: { ...state, startedAt }, blocks: [block], now, step, stepSince, testFrom }, policy);
}
