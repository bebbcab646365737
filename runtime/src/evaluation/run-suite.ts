import { durationMilliseconds, type EvalCase, type EvalSuiteSpec } from '@sluice/crds';
import { runAgent, type Agent } from '../agent/agent.ts';
import type { AgentResult } from '../agent/agent-result.ts';
import type { Clock } from '../platform/clock.ts';
import { withDeadline } from '../platform/deadline.ts';
import { ModelError } from '../providers/model-error.ts';
import { failedExpectation } from './grade.ts';
import type { CaseResult } from './report.ts';

export interface SuiteOptions {
  readonly agent: Agent;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Told after each case. */
  readonly onProgress: (progress: { readonly done: number; readonly total: number; readonly failed: number; readonly errored: number }) => void;
}

class CaseTimeout extends Error {
  override readonly name = 'CaseTimeout';
}

function graded(evalCase: EvalCase, result: AgentResult): Pick<CaseResult, 'verdict' | 'reason'> {
  // An agent without an answer has not met its expectations: that is a fault of the agent, not of the measurement.
  if (result.status === 'error') return { verdict: 'fail', reason: `the agent gave no answer after ${result.turns} turns of the model` };
  const reason = failedExpectation(evalCase.expect, result.answer);
  return reason === undefined ? { verdict: 'pass', reason: '' } : { verdict: 'fail', reason };
}

/** Why a case has no answer, without what a provider or a tool said. */
function errorReason(error: unknown): string {
  return error instanceof CaseTimeout || error instanceof ModelError ? error.message : 'internal error';
}

async function runCase(evalCase: EvalCase, suite: EvalSuiteSpec, options: SuiteOptions): Promise<CaseResult> {
  const { name, hard } = evalCase;
  const deadline = { milliseconds: durationMilliseconds(suite.caseTimeout), signal: options.signal, expired: () => new CaseTimeout(`no answer within caseTimeout (${suite.caseTimeout})`) };
  try {
    const result = await withDeadline(options.clock, deadline, (signal) => runAgent(options.agent, { requestId: `eval-${name}`, text: evalCase.input.text }, { signal, listener: {} }));
    return { name, hard, ...graded(evalCase, result) };
  } catch (error) {
    options.signal.throwIfAborted();
    return { name, hard, verdict: 'error', reason: errorReason(error) };
  }
}

/** Runs every case once, `concurrency` at a time. The results are in the order of the suite. Throws the signal's reason. */
export async function runSuite(suite: EvalSuiteSpec, options: SuiteOptions): Promise<readonly CaseResult[]> {
  const results: (CaseResult | undefined)[] = suite.cases.map(() => undefined);
  const queue = suite.cases.entries();
  const report = (): void => {
    const done = results.filter((result) => result !== undefined);
    const count = (verdict: CaseResult['verdict']): number => done.filter((result) => result.verdict === verdict).length;
    options.onProgress({ done: done.length, total: suite.cases.length, failed: count('fail'), errored: count('error') });
  };
  const work = async (): Promise<void> => {
    // The workers share one iterator: each case is taken once.
    for (const [place, evalCase] of queue) {
      results[place] = await runCase(evalCase, suite, options);
      report();
    }
  };
  await Promise.all(Array.from({ length: Math.min(suite.concurrency, suite.cases.length) }, work));
  return results.filter((result) => result !== undefined);
}
