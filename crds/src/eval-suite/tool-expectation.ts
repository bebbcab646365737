import { z } from 'zod';
import { rules } from '../structural-schema.ts';

const toolName = z.string().min(1).max(64);

/** Arguments as a tool gets them: any JSON object. */
export const toolArguments = z.looseObject({}).meta({ k8s: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } });

const calledTool = z.object({
  name: toolName.describe('Name of the tool.'),
  arguments: toolArguments.optional().describe('Arguments of which the call must have at least these, objects within them likewise; lists and all else must be equal.'),
});

/** Which tools an answer must and must not have called. */
export const toolExpectation = z
  .object({
    called: z.array(calledTool).min(1).max(16).optional().describe('Calls of which each must have been made.'),
    notCalled: z.array(toolName).min(1).max(16).optional().describe('Tools that must not have been called.'),
  })
  .meta(rules({ rule: 'has(self.called) || has(self.notCalled)', message: 'spec.cases[].expect.tools needs called, notCalled or both; name the tools' }))
  .describe('Calls of tools. A call counts when it was made, whatever came of it.');

/** What a tool answers in a case, in place of the real one. */
export const toolStub = z
  .object({
    name: toolName.describe('Name of the tool.'),
    arguments: toolArguments.optional().describe('Only calls with at least these arguments are answered. Not set: every call.'),
    result: z.string().max(16_384).optional().describe('What the tool returns.'),
    error: z.string().min(1).max(1024).optional().describe('The call fails, with this told to the model.'),
  })
  .meta(rules({ rule: 'has(self.result) != has(self.error)', message: 'spec.cases[].toolStubs[] needs exactly one of result and error' }))
  .describe('The answer of one tool.');

export type CalledTool = z.infer<typeof calledTool>;
export type ToolExpectation = z.infer<typeof toolExpectation>;
export type ToolStub = z.infer<typeof toolStub>;
