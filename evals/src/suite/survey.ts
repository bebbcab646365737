import { createHash } from 'node:crypto';
import type { EvalSuiteSpec } from '@sluice/crds';
import type { CaseSource } from './case-source.ts';
import { prepareCase } from './prepared-case.ts';
import { SuiteError } from './suite-error.ts';

/** Cases of a suite. More are refused: their names must be held, and a run of them would take days. */
export const maximumCases = 10_000;

/** Questions of a run: each leaves a result that is kept. */
export const maximumSamples = 50_000;

/** What is known of a suite before its first case is run. */
export interface SuiteSurvey {
  readonly cases: number;
  /** Questions that the agent is asked: each case as often as it is repeated. */
  readonly samples: number;
  readonly hardCases: number;
  /** `sha256:<hex>` of all cases in their order. */
  readonly digest: string;
}

/** The digest of cases in their order. */
export class CasesDigest {
  readonly #hash = createHash('sha256');

  add({ caseDigest }: { readonly caseDigest: string }): void {
    this.#hash.update(caseDigest);
  }

  /** Once, at their end. */
  end(): string {
    return `sha256:${this.#hash.digest('hex')}`;
  }
}

/** How often a case is asked. */
export function repeatsOf(suite: Pick<EvalSuiteSpec, 'repeats'>, evalCase: { readonly repeats?: number | undefined }): number {
  return evalCase.repeats ?? suite.repeats ?? 1;
}

/**
 * Goes through all cases once, before anything is asked: a mistake in the last one must not cost a run. Throws SuiteError for an
 * empty suite, two cases of one name, too many cases, and whatever is wrong with one.
 */
export async function surveySuite(suite: Pick<EvalSuiteSpec, 'repeats' | 'judge'>, source: CaseSource): Promise<SuiteSurvey> {
  const places = new Map<string, string>();
  const digest = new CasesDigest();
  let [samples, hardCases] = [0, 0];
  for await (const placed of source.cases()) {
    const { place, evalCase } = placed;
    const first = places.get(evalCase.name);
    if (first !== undefined) throw new SuiteError(place, `the name "${evalCase.name}" is taken by ${first}; give each case a name of its own`);
    if (places.size === maximumCases) throw new SuiteError(place, `a suite holds ${maximumCases} cases at most; split it`);
    if (evalCase.expect.judge !== undefined && suite.judge === undefined) throw new SuiteError(place, 'expect.judge needs spec.judge: name the judging model and examples that people have judged');
    places.set(evalCase.name, place);
    digest.add(prepareCase(placed));
    samples += repeatsOf(suite, evalCase);
    if (samples > maximumSamples) throw new SuiteError(place, `a run asks ${maximumSamples} questions at most, repeats counted; lower the repeats or split the suite`);
    if (evalCase.hard) hardCases += 1;
  }
  if (places.size === 0) throw new SuiteError('cases', 'the suite has no cases, so it would always pass; add one');
  return { cases: places.size, samples, hardCases, digest: digest.end() };
}
