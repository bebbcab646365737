import type { JudgedExample, JudgeModel } from '@sluice/crds';
import { clopperPearsonUpper } from '@sluice/statistics';
import type { Judge, Judgement } from './judge.ts';

/** A share with its exact two-sided 95 % interval (Clopper and Pearson); 0 to 1. */
export interface Share {
  readonly agreed: number;
  readonly of: number;
  readonly lower: number;
  readonly upper: number;
}

export interface Calibration {
  /** Bad examples that the judge found. */
  readonly sensitivity: Share;
  /** Good examples that it left alone. */
  readonly specificity: Share;
  /** Why the judge may not judge; undefined when it may. */
  readonly refusal: string | undefined;
  readonly message: string;
}

/** Chance of error at each end of the interval. */
const alphaEachSide = 0.025;

interface Labelled {
  readonly label: JudgedExample['label'];
  readonly judgement: Judgement;
}

/**
 * Holds a judge against answers that people have judged: each is judged once, `concurrency` at a time. A judgement that is unclear agrees
 * with nobody, and a judge that is tried on bad ones only, or on good ones only, is not tried. Throws what the judge throws.
 */
export async function calibrateJudge(judge: Judge, model: JudgeModel, { signal, concurrency }: { readonly signal: AbortSignal; readonly concurrency: number }): Promise<Calibration> {
  const judgements: Labelled[] = [];
  const examples = model.examples.values();
  // The workers share one iterator.
  const work = async (): Promise<void> => {
    for (const { input, answer, rubric, label } of examples) judgements.push({ label, judgement: await judge.judge({ input, answer, rubric }, signal) });
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  const shareOf = (wanted: JudgedExample['label']): Share => {
    const labelled = judgements.filter(({ label }) => label === wanted);
    return exactShare(labelled.filter(({ judgement }) => judgement === wanted).length, labelled.length);
  };
  const [sensitivity, specificity] = [shareOf('Fail'), shareOf('Pass')];
  const message = `the judge finds ${told(sensitivity)} bad examples and leaves ${told(specificity)} good ones alone`;
  return { sensitivity, specificity, refusal: refusalOf(sensitivity, specificity, model), message };
}

export function exactShare(agreed: number, of: number): Share {
  const upper = clopperPearsonUpper({ x: agreed, n: of, alpha: alphaEachSide }).upper;
  const lower = 1 - clopperPearsonUpper({ x: of - agreed, n: of, alpha: alphaEachSide }).upper;
  return { agreed, of, lower, upper };
}

function refusalOf(sensitivity: Share, specificity: Share, { minSensitivityPercent, minSpecificityPercent }: JudgeModel): string | undefined {
  if (sensitivity.of === 0) return 'spec.judge.examples has none with the label Fail; add bad answers';
  if (specificity.of === 0) return 'spec.judge.examples has none with the label Pass; add good answers';
  if (isBelow(sensitivity, minSensitivityPercent)) return `the judge finds only ${told(sensitivity)} bad examples, minSensitivityPercent is ${minSensitivityPercent}`;
  return isBelow(specificity, minSpecificityPercent) ? `the judge leaves only ${told(specificity)} good examples alone, minSpecificityPercent is ${minSpecificityPercent}` : undefined;
}

function isBelow({ agreed, of }: Share, percent: number): boolean {
  return agreed * 100 < percent * of;
}

function told({ agreed, of, lower, upper }: Share): string {
  return `${agreed} of ${of} (${(lower * 100).toFixed(0)} to ${(upper * 100).toFixed(0)} %)`;
}
