import { createHash } from 'node:crypto';
import { z } from 'zod';
import { Bill, type Cost } from '../../bill.ts';
import { linesOf } from '../../suite/lines.ts';
import type { Judge, Judgement, JudgeQuestion } from './judge.ts';
import { judgeInstructions } from './model-judge.ts';

/** What a judge said of one example, and what that cost. */
export interface Trial {
  /** Of the judging model and all that it was told and shown. */
  readonly digest: string;
  readonly judgement: Judgement;
  readonly dollars: Cost;
}

/** By digest: what earlier processes of the same run have paid for, and what other runs have. */
export type Trials = ReadonlyMap<string, Trial>;

/** Trials that another run has paid for. */
export function paidElsewhere(trials: Trials): Trials {
  return new Map([...trials].map(([digest, trial]) => [digest, { ...trial, dollars: 0 }]));
}

const codes = { Pass: 'P', Fail: 'F', Unclear: 'U' } as const;
const judgements = { P: 'Pass', F: 'Fail', U: 'Unclear' } as const;

const keptTrial = z.object({ judged: z.string().max(64), v: z.enum(['P', 'F', 'U']), $: z.union([z.number().min(0), z.literal('Unknown')]) });

/** A trial as one line beside those of results, without a line feed. It holds no question and no answer. */
export function trialLine({ digest, judgement, dollars }: Trial): string {
  return JSON.stringify({ judged: digest, v: codes[judgement], $: dollars });
}

/** The trials in texts with a line for each; other lines are passed over. The first judgement of an example stands, so that none is asked until it pleases. */
export function trialsIn(texts: readonly string[]): Trials {
  const trials = new Map<string, Trial>();
  for (const line of texts.flatMap((text) => text.split('\n'))) addLine(trials, line);
  return trials;
}

/** The same of a results log. Throws SuiteError for a file without bounds. */
export async function readTrials(file: string, chunks: AsyncIterable<Uint8Array>): Promise<Trials> {
  const trials = new Map<string, Trial>();
  for await (const { text } of linesOf(chunks, { file, maximumBytes: 256 * 1_048_576, maximumLineBytes: 1_048_576 })) addLine(trials, text);
  return trials;
}

function addLine(trials: Map<string, Trial>, line: string): void {
  const trial = line.includes('"judged"') ? parsed(line) : undefined;
  if (trial !== undefined && !trials.has(trial.digest)) trials.set(trial.digest, trial);
}

function parsed(line: string): Trial | undefined {
  try {
    const { judged, v, $ } = keptTrial.parse(JSON.parse(line));
    return { digest: judged, judgement: judgements[v], dollars: $ };
  } catch {
    return undefined;
  }
}

interface Remembering {
  /** Of the judging model. */
  readonly model: string;
  readonly known: Trials;
  /** Called with each judgement that was asked for, at once. */
  readonly onTrial: (trial: Trial) => void;
}

/** A judge that asks nothing that is known already. What that has cost is told again, as it is a part of the same run. */
export function rememberingJudge(judge: Judge, { model, known, onTrial }: Remembering): Judge {
  return {
    judge: async (question, signal, onCost) => {
      const digest = digestOf(model, question);
      const before = known.get(digest);
      if (before !== undefined) {
        onCost(before.dollars === 'Unknown' ? Number.NaN : before.dollars);
        return before.judgement;
      }
      const bill = new Bill();
      const judgement = await judge.judge(question, signal, (dollars) => {
        bill.add(dollars);
        onCost(dollars);
      });
      onTrial({ digest, judgement, dollars: bill.total ?? 0 });
      return judgement;
    },
  };
}

function digestOf(model: string, { rubric, input, history = [], answer }: JudgeQuestion): string {
  return createHash('sha256').update(JSON.stringify([model, judgeInstructions, rubric, input, history, answer]), 'utf8').digest('hex').slice(0, 16);
}
