import { durationMilliseconds, type EvalCase, type EvalSuite, type EvalSuiteSpec, evalSuiteSpec } from '@sluice/crds';
import { allCases, type CaseSource, casesOfFile, inlineCases, SuiteError, surveySuite, type SuiteSurvey } from '@sluice/evals';
import type { Surroundings } from '../surroundings.ts';
import { type CaseText, caseTexts, sourceOf, withoutClaim } from './case-texts.ts';
import { badInput, checkedObject, type Manifest, readManifests, unreadable } from './manifests.ts';
import type { RunOptions } from './run-options.ts';

/** The suite of a run, every case of it checked. */
export interface PreparedSuite {
  readonly name: string;
  readonly spec: EvalSuiteSpec;
  readonly source: CaseSource;
  readonly survey: SuiteSurvey;
  /** The files of spec.casesFrom, by their path in the folder that the runtime looks in. */
  readonly files: readonly CaseText[];
}

/** Reads the suite and looks at all its cases, so that a mistake in the last one costs nothing. Throws CliError. */
export async function prepareSuite(options: RunOptions, further: readonly Manifest[], surroundings: Pick<Surroundings, 'readFile' | 'readBytes' | 'manifestFiles' | 'clock'>): Promise<PreparedSuite> {
  const manifests = await readManifests([options.suiteFile], surroundings);
  const { name, spec: written } = checkedSuite(manifests, options.suiteFile, surroundings.clock.now());
  const { casesFile } = options;
  const spec = limited(withoutClaim(written, name, casesFile), options);
  const files = caseTexts(spec, name, [...manifests, ...further]);
  const more = casesFile === undefined ? [] : [casesOfFile({ name: casesFile, open: () => bytesOf(casesFile, surroundings) })];
  const source = allCases([inlineCases(spec), ...files.map(sourceOf), ...more]);
  try {
    return { name, spec, source, files, survey: await surveySuite(spec, source) };
  } catch (error) {
    if (error instanceof SuiteError) throw badInput(`EvalSuite/${name}: ${error.message}`, error);
    throw error;
  }
}

function checkedSuite(manifests: readonly Manifest[], file: string, now: number): { readonly name: string; readonly spec: EvalSuiteSpec } {
  const suites = manifests.filter(({ kind }) => kind === 'EvalSuite');
  const [first] = suites;
  if (first === undefined) throw badInput(`--suite "${file}" holds no EvalSuite: name a manifest of kind EvalSuite`);
  if (suites.length > 1) throw badInput(`--suite "${file}" holds ${suites.length} EvalSuites (${suites.map(({ name }) => name).join(', ')}): run one at a time, from a file of its own`);
  return { name: first.name, spec: (checkedObject(first, { spec: evalSuiteSpec }, now) as EvalSuite).spec };
}

/** What the command line bounds can only make a suite cheaper. */
function limited(spec: EvalSuiteSpec, { concurrency, maxDollars, maxTime }: RunOptions): EvalSuiteSpec {
  const dollars = lesser(spec.budget?.dollars, maxDollars);
  const milliseconds = lesser(spec.budget?.duration === undefined ? undefined : durationMilliseconds(spec.budget.duration), maxTime);
  const budget = { ...(dollars === undefined ? {} : { dollars }), ...(milliseconds === undefined ? {} : { duration: `${milliseconds}ms` }) };
  return { ...spec, ...(concurrency === undefined ? {} : { concurrency }), ...(Object.keys(budget).length === 0 ? {} : { budget }) };
}

function lesser(left: number | undefined, right: number | undefined): number | undefined {
  return left === undefined || right === undefined ? (left ?? right) : Math.min(left, right);
}

async function* bytesOf(path: string, { readBytes }: Pick<Surroundings, 'readBytes'>): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of readBytes(path)) yield chunk;
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** What a case needs that an agent behind an address cannot be given, or cannot tell; undefined for one that it can be asked. */
export function needsRuntime({ history, toolStubs, tools, expect }: EvalCase): string | undefined {
  if (history !== undefined) return 'its history cannot be sent to an address';
  if (toolStubs !== undefined || tools === 'Stubbed') return 'its tools cannot be stubbed behind an address';
  return expect.tools === undefined ? undefined : 'which tools were called cannot be seen at an address';
}
