import type { EvaluationResult } from '@sluice/crds';
import { getsOn } from '../status/gate-word.ts';
import type { Facts } from './facts.ts';

/** Suites that have not passed yet, in the order of the plan. */
export function openSuites({ status: { evaluations = [] }, plan }: Pick<Facts, 'status' | 'plan'>): string[] {
  return (plan?.gates?.evals ?? []).map(({ suiteRef }) => suiteRef.name).filter((name) => evaluations.find(({ suite }) => suite === name)?.verdict !== 'Pass');
}

/** Why suites that are still open cannot run, or could not measure, without what the sentence says already. */
export function suiteCauses(facts: Facts): string[] {
  const open = openSuites(facts);
  const results = (facts.status.evaluations ?? []).filter(({ suite, verdict }) => verdict === 'NotMeasured' && open.includes(suite));
  return [...new Set(results.flatMap((result) => causeOf(facts, result) ?? []))];
}

/** The run knows it before the release does. */
function causeOf({ evalRuns }: Facts, { suite, evalRun, message: told }: EvaluationResult): string | undefined {
  const { message = told } = evalRuns.get(evalRun)?.status ?? {};
  const cause = message.replace(`suite "${suite}" waits: `, '').replace(/^waiting: /, '').replace(/\.$/, '');
  return cause === '' || getsOn(message) ? undefined : cause;
}
