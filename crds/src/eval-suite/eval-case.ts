import { z } from 'zod';
import { nameField } from '../references.ts';
import { defaultWhenRead, rules } from '../structural-schema.ts';
import { caseDefaults } from './case-defaults.ts';
import { expectation } from './expectation.ts';
import { toolStub } from './tool-expectation.ts';

const text = z.string().min(1).max(32_768);

const turn = z.object({ role: z.enum(['User', 'Assistant']).describe('Who spoke.'), text: text.describe('What was said.') }).describe('One turn of the conversation.');

/** In CEL, because the API server does not hold `minimum: 0.01`. */
const weight = z.number().meta(rules({ rule: 'self >= 0.01 && self <= 100.0', message: 'spec.cases[].weight must be between 0.01 and 100, for example 2; to leave a case out, remove it' }));

/** One question and what its answer must be like: an item of `spec.cases`, and a line of a JSONL file. */
export const evalCase = z
  .object({
    name: nameField('spec.cases[].name').describe('Name of the case; unique in the suite. Reports name cases, never their texts.'),
    input: z.object({ text: text.describe('The text that the agent is sent.') }).describe('What the agent is asked.'),
    history: z.array(turn).min(1).max(32).optional().describe('What was said before, oldest first.'),
    toolStubs: z.array(toolStub).min(1).max(32).optional().describe('Answers of tools. The first that fits a call is taken.'),
    tools: z
      .enum(['Live', 'Stubbed'])
      .optional()
      .describe("What becomes of a call that no stub fits; Live where it isn't set. Live: reads are made, writes are checked and not sent. Stubbed: the call fails."),
    expect: expectation,
    hard: z.boolean().default(caseDefaults.hard).meta(defaultWhenRead).describe("One failure of a hard case fails the suite, whatever the share of passes; false where it isn't set."),
    weight: weight.optional().describe("How much the case counts in the share of passes; 1 where it isn't set."),
    repeats: z.int().min(1).max(25).optional().describe("How often the case is asked; spec.repeats where it isn't set."),
    tags: z.array(nameField('spec.cases[].tags[]')).min(1).max(16).optional().describe('Words by which reports sum up.'),
  })
  .describe('One question and what its answer must be like.');

export type EvalCase = z.infer<typeof evalCase>;
