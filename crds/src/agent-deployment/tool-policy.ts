import { z } from 'zod';
import { durationField } from '../duration.ts';
import { rules } from '../structural-schema.ts';

const expression = z.string().min(1).max(1_024);

export const select = z
  .object({
    arguments: expression.optional().describe('Makes what is sent out of the arguments of the model. It must give an object.'),
    result: expression.optional().describe('Makes what the model sees out of a JSON result.'),
  })
  .meta(rules({ rule: 'has(self.arguments) || has(self.result)', message: 'tools[].select needs arguments, result or both: write a JMESPath expression' }))
  .describe('JMESPath expressions, for example "items[].{id: id, name: title}".');

const approval = z
  .object({
    when: z.enum(['Always', 'Matching']).default('Always').describe('Always: every call. Matching: calls whose arguments fit `arguments`.'),
    arguments: z.looseObject({ type: z.string().max(32).optional().describe('As in JSON schema.') }).optional().describe('JSON schema; for when: Matching.'),
    timeout: durationField('tools[].write.approval.timeout', { min: '1m', max: '720h' }).default('24h').describe('How long a person may take; then the request for approval is void.'),
    before: z
      .object({
        tool: z.string().min(1).max(64).describe('A tool of the agent with effect Read.'),
        arguments: expression.optional().describe("JMESPath over the arguments of the write; not set: those arguments as they are."),
      })
      .optional()
      .describe('Reads what is there before, so that whoever approves sees what would change.'),
  })
  .meta(rules({ rule: "(self.when == 'Matching') == has(self.arguments)", message: 'tools[].write.approval.arguments belongs to when: Matching, which needs it: write both or neither' }))
  .describe('Calls that a person must allow.');

export const write = z
  .object({
    roles: z
      .array(z.string().min(1).max(128))
      .min(1)
      .max(16)
      .meta({ k8s: { 'x-kubernetes-list-type': 'set' } })
      .optional()
      .describe('Roles of which a caller needs one; not set: everybody who may use the agent.'),
    approval: approval.optional(),
  })
  .meta(rules({ rule: 'has(self.roles) || has(self.approval)', message: 'tools[].write needs roles, approval or both; remove it when neither is wanted' }))
  .describe('Who may write with this tool, and what a person must approve.');

/** How calls are made, whatever the tool is. */
export const callPolicy = {
  maxResultBytes: z.int().min(256).max(1_048_576).optional().describe('What the model gets to see of a result at most. Default 65536.'),
  maxConcurrentCalls: z.int().min(1).max(1_000).optional().describe('Calls that one pod makes at a time; more wait within their timeout. Default 64.'),
  idempotent: z.boolean().optional().describe('Whether a call that is made twice does no more than a call that is made once. Only then it is repeated.'),
  retries: z.int().min(1).max(5).optional().describe('How often a call that failed for a passing reason is made again, within its timeout. Not set: never.'),
  select: select.optional(),
  write: write.optional(),
};

export const callRules = [
  { rule: '!has(self.retries) || (has(self.idempotent) && self.idempotent)', message: 'tools[].retries is for tools that are declared idempotent: write idempotent: true if a second call does no harm, or remove retries' },
  { rule: "!has(self.write) || self.effect == 'Write'", message: 'tools[].write is for tools with effect: Write: set the effect, or remove write' },
];
