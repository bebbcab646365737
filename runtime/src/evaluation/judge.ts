import { durationMilliseconds, type EvalSuiteSpec } from '@sluice/crds';
import { withDeadline } from '@sluice/evals/deadline';
import { calibrateJudge, createModelJudge, type Judge } from '@sluice/evals';
import { systemClock } from '../platform/clock-system.ts';
import type { ModelClient } from '../providers/model-client.ts';

/** Room for the judge's short thought and its last line. */
const maxOutputTokens = 1_024;

/**
 * The judge of a suite, at the agent's provider, once it has been held against its examples. Undefined, with the reason told, when it
 * agrees too little with people or is down: the cases that need it are NotMeasured then. A judgement of an example has the time of a
 * case. Throws the signal's reason.
 */
export async function openJudge({ judge: settings, concurrency, caseTimeout }: EvalSuiteSpec, model: ModelClient, { signal, print }: { readonly signal: AbortSignal; readonly print: (line: string) => void }): Promise<Judge | undefined> {
  if (settings === undefined) return undefined;
  const deadline = { milliseconds: durationMilliseconds(caseTimeout), expired: () => new Error('no judgement in time') };
  const judge = createModelJudge(async ({ system, text }, limited) => {
    const reply = await model.complete({ settings: { name: settings.model, maxOutputTokens }, system, messages: [{ role: 'user', text }], tools: [] }, { signal: limited });
    return reply.text;
  });
  try {
    const timed: Judge = { judge: (question, limited) => withDeadline(systemClock, { ...deadline, signal: limited }, (inTime) => judge.judge(question, inTime)) };
    const { refusal, message } = await calibrateJudge(timed, settings, { signal, concurrency });
    print(refusal ?? message);
    return refusal === undefined ? judge : undefined;
  } catch {
    signal.throwIfAborted();
    print('the judge gave no judgement of its examples');
    return undefined;
  }
}
