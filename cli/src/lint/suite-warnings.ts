import { evalSuiteSpec, type EvalSuiteSpec } from '@sluice/crds';
import { exactShare } from '@sluice/evals';

type Judge = NonNullable<EvalSuiteSpec['judge']>;

/** What is asked of a judge for each label. */
const labels = [
  { label: 'Fail', field: 'minSensitivityPercent', finds: 'finds bad answers' },
  { label: 'Pass', field: 'minSpecificityPercent', finds: 'leaves good answers alone' },
] as const;

/** More than this is asked of nobody: an exact interval never reaches 100 %. */
const mostPercent = 90;

/** A judge may judge by its share of the examples alone: of few examples that share says little, even where it agrees with all of them. */
export function suiteWarnings(spec: unknown): string[] {
  const parsed = evalSuiteSpec.safeParse(spec);
  const judge = parsed.success ? parsed.data.judge : undefined;
  return judge === undefined ? [] : labels.flatMap((each) => fewExamples(judge, each));
}

function fewExamples(judge: Judge, { label, field, finds }: (typeof labels)[number]): string[] {
  const count = judge.examples.filter((example) => example.label === label).length;
  const asked = judge[field];
  const provable = Math.min(asked, mostPercent);
  // Without any it never judges, which the run says.
  if (count === 0 || leastPercent(count) >= provable) return [];
  return [`spec.judge.examples has ${count} with the label ${label}: a judge that agrees with ${count === 1 ? 'it' : 'all of them'} ${finds} in ${leastPercent(count).toFixed(0)} to 100 % of all cases (95 % confidence), and judges, though ${field} is ${asked}: label ${enoughFor(provable)} or more`];
}

/** Lower end of the exact interval of a judge that agrees with all of so many examples. */
function leastPercent(count: number): number {
  return exactShare(count, count).lower * 100;
}

function enoughFor(percent: number): number {
  let count = 1;
  while (leastPercent(count) < percent) count += 1;
  return count;
}
