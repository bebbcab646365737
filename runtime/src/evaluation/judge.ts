import { durationMilliseconds, type EvalSuiteSpec } from '@sluice/crds';
import { withDeadline } from '@sluice/evals/deadline';
import { Bill, calibrateJudge, type Cost, createModelJudge, type Judge, JudgeFailure, rememberingJudge, type Trial, type Trials } from '@sluice/evals';
import { systemClock } from '../platform/clock-system.ts';
import type { ModelClient } from '../providers/model-client.ts';
import { ModelError } from '../providers/model-error.ts';
import { type TokenPrice, tokenCost } from '../providers/token-price.ts';

/** Room for the judge's short thought and its last line. */
const maxOutputTokens = 1_024;

export interface JudgeOptions {
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
  /** Of the judging model; undefined: not known. */
  readonly price: TokenPrice | undefined;
  /** What earlier processes of the run had it judge; none of it is asked, and paid for, again. */
  readonly trials: Trials;
  readonly onTrial: (trial: Trial) => void;
}

export interface OpenedJudge {
  readonly judge: Judge | undefined;
  /** What trying it has cost, in earlier processes too. */
  readonly spentDollars: Cost;
  /** Why it may not judge: it agrees too little with people. Undefined where it may, and where it gave no judgement. */
  readonly refusal?: string | undefined;
  /** Why there is none, whatever the cause, without what a provider said. Undefined where there is one. */
  readonly noJudge?: string | undefined;
}

/**
 * The judge of a suite, at the agent's provider, once it has been held against its examples. Undefined, with the reason told, when it
 * agrees too little with people or is down: the cases that need it are NotMeasured then. A judgement of an example has the time of a
 * case. Throws the signal's reason.
 */
export async function openJudge({ judge: settings, concurrency, caseTimeout }: EvalSuiteSpec, model: ModelClient, { signal, print, price, trials, onTrial }: JudgeOptions): Promise<OpenedJudge> {
  if (settings === undefined) return { judge: undefined, spentDollars: 0, noJudge: 'spec.judge of the EvalSuite is not set' };
  const bill = new Bill();
  const deadline = { milliseconds: durationMilliseconds(caseTimeout), expired: () => new JudgeFailure(`none within caseTimeout (${caseTimeout})`) };
  const judge = createModelJudge(async ({ system, text }, limited, onCost) => {
    const reply = await model.complete({ settings: { name: settings.model, maxOutputTokens }, system, messages: [{ role: 'user', text }], tools: [] }, { signal: limited }).catch(toJudgeFailure);
    onCost(tokenCost(reply.usage, price));
    return reply.text;
  });
  try {
    const timed: Judge = { judge: (question, limited, onCost) => withDeadline(systemClock, { ...deadline, signal: limited }, (inTime) => judge.judge(question, inTime, onCost)) };
    const { refusal, message } = await calibrateJudge(rememberingJudge(timed, { model: settings.model, known: trials, onTrial }), settings, { signal, concurrency, onCost: (dollars) => bill.add(dollars) });
    print(refusal ?? message);
    return { judge: refusal === undefined ? judge : undefined, spentDollars: bill.total ?? 0, refusal, noJudge: refusal };
  } catch (error) {
    signal.throwIfAborted();
    const noJudge = `the judge gave no judgement of its examples${error instanceof JudgeFailure ? `: ${error.message}` : ''}`;
    print(noJudge);
    return { judge: undefined, spentDollars: bill.total ?? 0, noJudge };
  }
}

/** Its sentence is our own; what the provider said stays in `cause`. */
function toJudgeFailure(error: unknown): never {
  throw error instanceof ModelError ? new JudgeFailure(error.message, { cause: error }) : error;
}
