import type { JudgeModel } from '@sluice/crds';
import { calibrateJudge, createModelJudge, type Judge } from '@sluice/evals';
import type { ModelClient } from '../providers/model-client.ts';

/** Room for the judge's short thought and its last line. */
const maxOutputTokens = 1_024;

/**
 * The judge of a suite, at the agent's provider, once it has been held against its examples. Undefined, with the reason told, when it
 * agrees too little with people or is down: the cases that need it are NotMeasured then. Throws the signal's reason.
 */
export async function openJudge(settings: JudgeModel | undefined, model: ModelClient, { signal, print }: { readonly signal: AbortSignal; readonly print: (line: string) => void }): Promise<Judge | undefined> {
  if (settings === undefined) return undefined;
  const judge = createModelJudge(async ({ system, text }, limited) => {
    const reply = await model.complete({ settings: { name: settings.model, maxOutputTokens }, system, messages: [{ role: 'user', text }], tools: [] }, { signal: limited });
    return reply.text;
  });
  try {
    const { refusal, message } = await calibrateJudge(judge, settings, signal);
    print(refusal ?? message);
    return refusal === undefined ? judge : undefined;
  } catch {
    signal.throwIfAborted();
    print('the judge gave no judgement of its examples');
    return undefined;
  }
}
