import { z } from 'zod';

/** Where a list goes on. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20).describe('Items of one page.'),
  after: z.string().regex(/^[0-9]{1,15}$/, 'must be the `next` of the page before').optional().describe('`next` of the page before.'),
});

const next = z.string().optional().describe('For the page that follows; absent on the last one.');

export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), next });
}

/** Of what we made: other text names nothing, and need not reach the store. */
export const idParameters = z.object({ id: z.string().regex(/^[A-Za-z0-9._:-]{1,128}$/, 'may hold letters, digits and ._:- only, 128 at most') });

export const session = z
  .object({ id: z.string(), messages: z.int().describe('How many it has, those included that were dropped for room.'), created_at: z.iso.datetime(), updated_at: z.iso.datetime(), expires_at: z.iso.datetime().describe('It ends then, unless something is said in it before.') })
  .describe('A conversation of the caller.');

export const sessionMessage = z.object({ seq: z.int(), role: z.enum(['user', 'assistant']), content: z.string(), at: z.iso.datetime() });

export const approval = z
  .object({
    id: z.string(),
    state: z.enum(['pending', 'approved', 'rejected', 'used', 'expired']).describe('used: the write that was approved has been begun.'),
    tool: z.string(),
    rule: z.string(),
    request_id: z.string(),
    requested_by: z.string(),
    proposed: z.unknown().describe('What would change, and the arguments of the write.'),
    created_at: z.iso.datetime(),
    expires_at: z.iso.datetime().describe('Without a decision until then, it is a no.'),
    decided_by: z.string().optional(),
    decided_at: z.iso.datetime().optional(),
    reason: z.string().optional(),
  })
  .describe('A write that needs a person to approve it.');

export const appliedWrite = z
  .object({
    approval,
    outcome: z.enum(['made', 'failed', 'unknown']).describe('unknown: it may have been made; a person must look, and it is not made again.'),
    reason: z.string().optional().describe('Why it failed.'),
  })
  .describe('What came of a write that was approved.');

export const decision = z.strictObject({ decision: z.enum(['approved', 'rejected']), reason: z.string().min(1).max(1_000).optional() });

export type SessionBody = z.infer<typeof session>;
export type ApprovalBody = z.infer<typeof approval>;
