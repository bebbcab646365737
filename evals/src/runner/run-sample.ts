import { createCheckTime } from '../graders/check-time.ts';
import { gradeTranscript } from '../graders/grade-transcript.ts';
import type { Finding } from '../graders/finding.ts';
import type { PreparedCase } from '../suite/prepared-case.ts';
import { AgentFailure, type AgentAnswer, type AgentUnderTest } from './agent-under-test.ts';
import { Bill } from '../bill.ts';
import type { Clock } from './clock.ts';
import type { SampleResult } from './sample-result.ts';
import { TimeLimitError, withTimeLimit } from './time-limit.ts';

export interface SampleOptions {
  readonly agent: AgentUnderTest;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** As the suite writes it, and in milliseconds. */
  readonly caseTimeout: { readonly text: string; readonly milliseconds: number };
}

/** What a result says of its question, whatever came of it. */
export function sampleOf({ evalCase: { name, hard, weight = 1, tags = [] }, digest }: Pick<PreparedCase, 'evalCase' | 'digest'>, repeat: number): Pick<SampleResult, 'case' | 'repeat' | 'digest' | 'hard' | 'weight' | 'tags'> {
  return { case: name, repeat, digest, hard, weight, tags };
}

/** Asks the agent once and grades what it answers. Throws the signal's reason, and nothing else. */
export async function runSample({ evalCase, graders, digest }: PreparedCase, repeat: number, options: SampleOptions): Promise<SampleResult> {
  const base = sampleOf({ evalCase, digest }, repeat);
  const { clock, signal } = options;
  const began = clock.now();
  const [bill, judged] = [new Bill(), new Bill()];
  const asked = await ask(evalCase, repeat, options, bill);
  const latencyMs = Math.max(0, clock.now() - began);
  const measured = { latencyMs, ...(typeof bill.total === 'number' ? { costDollars: bill.total } : {}) };
  if ('reason' in asked) return { ...base, verdict: 'NoAnswer', reason: asked.reason, ...measured };
  const finding = await graded(() => gradeTranscript(graders, { ...asked.answer, ...measured }, { evalCase, signal, onJudgeCost: (dollars) => judged.add(dollars), checkTime: createCheckTime(clock) }), options);
  return { ...base, ...scoreOf(finding), reason: finding.reason, ...measured, ...(judged.total === undefined ? {} : { judgeDollars: judged.total }) };
}

type Asked = { readonly answer: AgentAnswer } | { readonly reason: string };

async function ask(evalCase: PreparedCase['evalCase'], repeat: number, { agent, clock, signal, caseTimeout }: SampleOptions, bill: Bill): Promise<Asked> {
  const { name, input, history = [], toolStubs = [], tools = 'Live' } = evalCase;
  const question = { id: `${name}.${repeat}`, text: input.text, history, toolStubs, tools };
  try {
    return { answer: await withTimeLimit(clock, { milliseconds: caseTimeout.milliseconds, signal }, (limited) => agent.answer(question, limited, (dollars) => bill.add(dollars))) };
  } catch (error) {
    signal.throwIfAborted();
    return { reason: failureReason(error, caseTimeout.text) };
  }
}

/** Models that grade have the time of a case too. */
async function graded(grade: () => Promise<Finding>, { clock, signal, caseTimeout }: SampleOptions): Promise<Finding> {
  try {
    return await withTimeLimit(clock, { milliseconds: caseTimeout.milliseconds, signal }, grade);
  } catch {
    signal.throwIfAborted();
    return { verdict: 'NotMeasured', reason: `not graded within caseTimeout (${caseTimeout.text})` };
  }
}

function scoreOf({ verdict }: Finding): Pick<SampleResult, 'verdict' | 'score'> {
  return verdict === 'NotMeasured' ? { verdict } : { verdict, score: verdict === 'Pass' ? 1 : 0 };
}

/** Why there is no answer, without what a provider or a tool said. */
function failureReason(error: unknown, timeout: string): string {
  if (error instanceof TimeLimitError) return `no answer within caseTimeout (${timeout})`;
  return error instanceof AgentFailure ? error.message : 'internal error';
}
