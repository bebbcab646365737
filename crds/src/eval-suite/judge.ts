import { z } from 'zod';

const example = z
  .object({
    input: z.string().min(1).max(8192).describe('A question.'),
    answer: z.string().max(8192).describe('An answer to it.'),
    rubric: z.string().min(1).max(8192).describe('The rubric by which it was judged.'),
    label: z.enum(['Pass', 'Fail']).describe('What people say of the answer.'),
  })
  .describe('An answer that people have judged.');

/** The model that judges, and the proof that it judges as people do. */
export const judgeModel = z
  .object({
    model: z.string().min(1).max(256).describe("Name of the judging model, at the agent's provider."),
    examples: z.array(example).min(1).max(100).describe('Judged answers by which the judge is tried before the suite runs; good ones and bad ones.'),
    minSensitivityPercent: z.number().min(0).max(100).default(80).describe('Share of the bad examples that the judge must find.'),
    minSpecificityPercent: z.number().min(0).max(100).default(80).describe('Share of the good examples that the judge must leave alone.'),
  })
  .describe('The judge of the cases with expect.judge. A judge that agrees less with people than asked for leaves these cases NotMeasured.');

export type JudgeModel = z.infer<typeof judgeModel>;
export type JudgedExample = z.infer<typeof example>;
