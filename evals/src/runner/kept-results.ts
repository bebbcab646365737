import { z } from 'zod';
import { sampleKey, shortDigest } from './sample-key.ts';
import { isFinished, type SampleResult } from './sample-result.ts';

const verdicts = { P: 'Pass', F: 'Fail', M: 'NotMeasured', N: 'NoAnswer' } as const;
const scores = { P: 1, F: 0, M: undefined, N: undefined } as const;
const codes = { Pass: 'P', Fail: 'F', NotMeasured: 'M', NoAnswer: 'N' } as const;

/** A result as it is kept: few bytes, because thousands of them go into ConfigMaps. */
const keptResult = z.object({
  c: z.string(),
  r: z.int().min(1),
  d: z.string(),
  v: z.enum(['P', 'F', 'M', 'N']),
  h: z.literal(1).optional(),
  w: z.number().optional(),
  t: z.array(z.string()).optional(),
  l: z.number().min(0).optional(),
  $: z.number().min(0).optional(),
  j: z.union([z.number().min(0), z.literal('Unknown')]).optional(),
  y: z.string().optional(),
});

/** Longest reason that is kept, characters. */
const maximumReason = 120;
/** Characters; no line of {@link keptLine} is longer. What is longer was not written by an evaluation. */
export const maximumLine = 4_096;

/** A result as one line, without a line feed. It holds no question and no answer. */
export function keptLine(result: SampleResult): string {
  const { case: c, repeat: r, digest, verdict, hard, weight, tags, latencyMs, costDollars, judgeDollars, reason } = result;
  return JSON.stringify({
    c, r, d: shortDigest(digest), v: codes[verdict],
    ...(hard ? { h: 1 } : {}),
    ...(weight === 1 ? {} : { w: weight }),
    ...(tags.length === 0 ? {} : { t: tags }),
    ...(latencyMs === undefined ? {} : { l: Math.round(latencyMs) }),
    ...(costDollars === undefined ? {} : { $: costDollars }),
    ...(judgeDollars === undefined ? {} : { j: judgeDollars }),
    ...(reason === '' ? {} : { y: Array.from(reason).slice(0, maximumReason).join('') }),
  });
}

/** The same line without its reason, where there is no room for reasons any more. */
export function withoutReason(line: string): string {
  const parsed = parsedLine(line);
  return parsed === undefined ? line : keptLine({ ...parsed, reason: '' });
}

/**
 * The results of a run by sample, from any number of texts with a line for each; lines that are none are left out. Of several about one
 * sample the first that stands counts, so that nothing is graded until it passes.
 */
export function keptResults(texts: readonly string[]): ReadonlyMap<string, SampleResult> {
  const results = new Map<string, SampleResult>();
  for (const line of texts.flatMap((text) => text.split('\n'))) {
    const result = line === '' ? undefined : parsedLine(line);
    if (result === undefined) continue;
    const known = results.get(sampleKey(result));
    if (known === undefined || !isFinished(known)) results.set(sampleKey(result), result);
  }
  return results;
}

/**
 * Dollars that questions without an answer have cost, by all lines about them: each was paid for, and is asked again. Of a text that the
 * next one begins with, because it was stored before it was full, the next one speaks.
 */
export function unansweredDollars(texts: readonly string[]): number {
  const lines = texts.filter((text, index) => texts[index + 1]?.startsWith(text) !== true).flatMap((text) => text.split('\n'));
  return lines.reduce((sum, line) => {
    const { verdict, costDollars = 0 } = (line === '' ? undefined : parsedLine(line)) ?? {};
    return verdict === 'NoAnswer' ? sum + costDollars : sum;
  }, 0);
}

function parsedLine(line: string): SampleResult | undefined {
  const { c, r, d, v, h, w = 1, t = [], l, $, j, y = '' } = keptResult.safeParse(jsonOf(line)).data ?? {};
  if (c === undefined || r === undefined || d === undefined || v === undefined) return undefined;
  return {
    case: c, repeat: r, digest: d, verdict: verdicts[v], reason: y, hard: h === 1, weight: w, tags: t,
    ...(scores[v] === undefined ? {} : { score: scores[v] }),
    ...(l === undefined ? {} : { latencyMs: l }),
    ...($ === undefined ? {} : { costDollars: $ }),
    ...(j === undefined ? {} : { judgeDollars: j }),
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
