import { durationMilliseconds, type EvalObstacle, type EvalSuiteSpec } from '@sluice/crds';
import type { GradingModels } from '../graders/compile-expectation.ts';
import type { CaseSource } from '../suite/case-source.ts';
import { prepareCase, type PreparedCase } from '../suite/prepared-case.ts';
import { SuiteError } from '../suite/suite-error.ts';
import { CasesDigest, repeatsOf, surveySuite, type SuiteSurvey } from '../suite/survey.ts';
import type { AgentUnderTest } from './agent-under-test.ts';
import { createBudget, type Budget, type Exhausted, type Spent } from './budget.ts';
import { caseOutcome, type CaseOutcome } from './case-outcome.ts';
import type { Clock } from './clock.ts';
import type { FinishedResults } from './finished-results.ts';
import { createPacer } from './pacer.ts';
import type { Progress } from './progress.ts';
import { runSample, sampleOf, type SampleOptions } from './run-sample.ts';
import { sampleKey } from './sample-key.ts';
import { isFinished, type SampleResult } from './sample-result.ts';

/** How a suite is run: all of an EvalSuite but its cases. */
export type RunSettings = Pick<EvalSuiteSpec, 'concurrency' | 'caseTimeout' | 'repeats' | 'budget' | 'judge' | 'maxCasesPerMinute'>;

export interface RunOptions extends Spent {
  readonly agent: AgentUnderTest;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly models?: GradingModels | undefined;
  /** Results of an earlier attempt, which are taken as they are. */
  readonly finished?: FinishedResults | undefined;
  /** Told of each new result that stands, before the next sample begins: to be written to the results log. A rejection ends the run. */
  readonly onResult?: ((result: SampleResult) => void | Promise<void>) | undefined;
  /** Told of each sample that is settled and that no earlier attempt brought, those without an answer included. */
  readonly onSettled?: ((result: SampleResult) => void) | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

export interface SuiteResult {
  readonly survey: SuiteSurvey;
  /** In the order of the suite. */
  readonly outcomes: readonly CaseOutcome[];
  /** Why cases were not asked that another run would not ask either; undefined without one. */
  readonly obstacle: EvalObstacle | undefined;
}

interface Sample {
  readonly prepared: PreparedCase;
  readonly repeat: number;
}

/**
 * Runs a suite: each case as often as it is repeated, `concurrency` at a time, within its budget. All cases are checked before the
 * first is asked. Throws SuiteError, the signal's reason, and what `onResult` throws.
 */
export async function runSuite(settings: RunSettings, source: CaseSource, options: RunOptions): Promise<SuiteResult> {
  const survey = await surveySuite(settings, source);
  const stop = new AbortController();
  const run = new SuiteRun(settings, survey, { ...options, signal: AbortSignal.any([options.signal, stop.signal]) });
  const samples = samplesOf(settings, source, { models: options.models, survey });
  // The workers share one iterator: each sample is taken once, and no more cases are held than are being run.
  const next = inTurn(() => samples.next());
  const workers = Array.from({ length: Math.min(settings.concurrency, survey.samples) }, () =>
    run.work(next).catch((error: unknown) => {
      // One that breaks down ends the others: nobody would read what they bring.
      stop.abort(error);
      throw error;
    }),
  );
  await Promise.allSettled(workers);
  await Promise.all(workers);
  return { survey, outcomes: run.outcomes(), obstacle: run.obstacle() };
}

/** A file is read again, and may be another one by then. */
async function* samplesOf(settings: RunSettings, source: CaseSource, { models, survey }: { readonly models: GradingModels | undefined; readonly survey: SuiteSurvey }): AsyncGenerator<Sample> {
  const digest = new CasesDigest();
  for await (const placed of source.cases()) {
    const prepared = prepareCase(placed, models);
    digest.add(prepared);
    for (let repeat = 1; repeat <= repeatsOf(settings, placed.evalCase); repeat += 1) yield { prepared, repeat };
  }
  if (digest.end() !== survey.digest) throw new SuiteError('cases', 'were changed while they were run, so that nobody knows which were asked; run the suite again, from files that stay as they are');
}

/** One call at a time. */
function inTurn<T>(call: () => Promise<T>): () => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return () => {
    const result = last.then(call, call);
    last = result.catch(() => undefined);
    return result;
  };
}

class SuiteRun {
  readonly #options: RunOptions;
  readonly #survey: SuiteSurvey;
  readonly #budget: Budget;
  readonly #pace: (signal: AbortSignal) => Promise<void>;
  readonly #sample: SampleOptions;
  readonly #began: number;
  /** By case, in the order in which cases were taken, which is that of the suite. */
  readonly #results = new Map<string, SampleResult[]>();
  #exhausted: Exhausted | undefined;
  #asked = { all: 0, unanswered: 0 };
  #counts = { done: 0, failed: 0, errored: 0, resumed: 0 };

  constructor(settings: RunSettings, survey: SuiteSurvey, options: RunOptions) {
    const { agent, clock, signal } = options;
    this.#options = options;
    this.#survey = survey;
    this.#budget = createBudget(settings.budget, clock, options);
    for (const result of options.finished?.values() ?? []) this.#budget.spend(result);
    this.#pace = createPacer(clock, settings.maxCasesPerMinute);
    this.#sample = { agent, clock, signal, caseTimeout: { text: settings.caseTimeout, milliseconds: durationMilliseconds(settings.caseTimeout) } };
    this.#began = clock.now();
  }

  async work(next: () => Promise<IteratorResult<Sample>>): Promise<void> {
    for (let taken = await next(); taken.done !== true; taken = await next()) {
      const { prepared, repeat } = taken.value;
      const results = this.#resultsOf(prepared);
      const finished = this.#options.finished?.get(sampleKey({ case: prepared.evalCase.name, repeat, digest: prepared.digest }));
      const result = finished ?? (await this.#begin(prepared, repeat));
      results.push(result);
      if (finished === undefined) this.#options.onSettled?.(result);
      this.#count(result, finished === undefined ? 0 : 1);
    }
  }

  outcomes(): readonly CaseOutcome[] {
    return [...this.#results.values()].flatMap(([first, ...more]) => (first === undefined ? [] : [caseOutcome([first, ...more])]));
  }

  /** Time that a lost pod, or a provider that was down, has cost may not be lost another time. */
  obstacle(): EvalObstacle | undefined {
    const { all, unanswered } = this.#asked;
    const isMishap = this.#exhausted?.field === 'duration' && ((this.#options.spentMs ?? 0) > 0 || unanswered * 2 > all);
    if (this.#exhausted === undefined || isMishap) return undefined;
    const { reason, message, remedy } = this.#exhausted;
    return { reason, message: `${message}; ${remedy}` };
  }

  #resultsOf({ evalCase }: PreparedCase): SampleResult[] {
    const known = this.#results.get(evalCase.name) ?? [];
    this.#results.set(evalCase.name, known);
    return known;
  }

  async #begin(prepared: PreparedCase, repeat: number): Promise<SampleResult> {
    const { signal, onResult } = this.#options;
    if (this.#budget.exhausted() === undefined) await this.#pace(signal);
    const exhausted = this.#budget.exhausted();
    if (exhausted !== undefined) {
      this.#exhausted ??= exhausted;
      return skipped(prepared, repeat, exhausted.message);
    }
    const result = await runSample(prepared, repeat, this.#sample);
    this.#asked = { all: this.#asked.all + 1, unanswered: this.#asked.unanswered + (result.verdict === 'NoAnswer' ? 1 : 0) };
    this.#budget.spend(result);
    if (isFinished(result)) await onResult?.(result);
    return result;
  }

  #count({ verdict }: SampleResult, resumed: 0 | 1): void {
    const { done, failed, errored } = this.#counts;
    this.#counts = {
      done: done + 1,
      failed: failed + (verdict === 'Fail' ? 1 : 0),
      errored: errored + (verdict === 'NoAnswer' || verdict === 'NotMeasured' ? 1 : 0),
      resumed: this.#counts.resumed + resumed,
    };
    this.#options.onProgress?.({ ...this.#counts, total: this.#survey.samples, elapsedMs: this.#options.clock.now() - this.#began });
  }
}

function skipped(prepared: PreparedCase, repeat: number, reason: string): SampleResult {
  return { ...sampleOf(prepared, repeat), verdict: 'NoAnswer', reason };
}
