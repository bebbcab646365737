import { z } from 'zod';
import { timestamp } from '../conditions.ts';

/** What a person may ask of a release. docs/releases.md says in which phases each is heard. */
export const intentVerb = z.enum(['Promote', 'PromoteFull', 'Abort', 'Retry', 'Pause', 'Resume', 'Skip', 'Undo']);

const requestId = z.string().min(1).max(64).describe('Made by who asks, new for each wish; the answer in status.handledIntent repeats it.');
const revision = z.string().min(1).max(64);
/** Small: an index of rollout.steps. */
const step = z.int().min(0).max(1_000);
const asker = z.string().min(1).max(512);

export const intent = z
  .object({
    verb: intentVerb.describe('Promote agrees, or ends the time of a step; PromoteFull leaves out all that is left; Skip leaves out the step; Abort takes the revision back; Retry tries a failed one again; Undo takes a promoted one back.'),
    revision: revision.describe('The revision that is meant; a wish for another than the release has is refused.'),
    requestId,
    by: asker.optional().describe('Who asks; the admission policy of the chart makes it the true user.'),
    note: z.string().max(1024).optional().describe('Why, for the record.'),
    toRevision: z.string().max(64).optional().describe('Of Undo: the promoted revision to go back to; empty or not set: the one before. Of Retry: the revision that the spec came to when it was asked, refused where it is another by now; empty or not set: whichever it is.'),
    step: step.optional().describe('Of Promote and Skip: the step that is meant, as status.step has it; of the Promote that approves: the number of steps, or more. Refused where the release is elsewhere by now; not set: wherever it is.'),
  })
  .describe('What a person asks of the release.');

export const handledIntent = z
  .object({
    verb: intentVerb.describe('What was asked.'),
    requestId,
    by: asker.optional().describe('Who asked.'),
    note: z.string().max(1024).optional().describe('Why.'),
    toRevision: revision.optional().describe('The revision to go back to, or to try.'),
    step: step.optional().describe('The step that was meant.'),
    at: timestamp.describe('When it was answered.'),
    outcome: z.enum(['Accepted', 'Refused']).describe('Whether it was done.'),
    message: z.string().describe('What was done, or why not, in one sentence.'),
  })
  .describe('The answer to the latest intent.');

export type Intent = z.infer<typeof intent>;
export type IntentVerb = z.infer<typeof intentVerb>;
export type HandledIntent = z.infer<typeof handledIntent>;
