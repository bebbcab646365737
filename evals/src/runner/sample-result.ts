import { z } from 'zod';

/**
 * What came of one question. `NotMeasured`: there is an answer, but something that grades it is missing. `NoAnswer`: the agent had
 * no chance to give one; only this is asked again when a run is resumed.
 */
export const sampleResult = z.object({
  case: z.string(),
  /** From 1. */
  repeat: z.int().min(1),
  digest: z.string(),
  verdict: z.enum(['Pass', 'Fail', 'NotMeasured', 'NoAnswer']),
  /** 1 for a pass, 0 for a failure; there is none for what was not measured. */
  score: z.number().min(0).max(1).optional(),
  /** Never quotes the question or the answer. */
  reason: z.string(),
  hard: z.boolean(),
  weight: z.number(),
  tags: z.array(z.string()),
  latencyMs: z.number().min(0).optional(),
  costDollars: z.number().min(0).optional(),
  /** What its judgements cost; there is none where none was asked for. */
  judgeDollars: z.union([z.number().min(0), z.literal('Unknown')]).optional(),
});

export type SampleResult = z.infer<typeof sampleResult>;

/** Whether a result stands when its run is resumed. */
export function isFinished({ verdict }: SampleResult): boolean {
  return verdict !== 'NoAnswer';
}
