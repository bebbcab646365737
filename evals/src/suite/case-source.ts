import type { EvalCase, EvalSuiteSpec } from '@sluice/crds';
import { linesOf } from './lines.ts';
import { parseCase } from './prepared-case.ts';
import { SuiteError } from './suite-error.ts';

/** A case and where it is written. */
export interface PlacedCase {
  readonly place: string;
  readonly evalCase: EvalCase;
  /** The digest that whoever stored the case gave it; absent: that of the case as it is read here. */
  readonly digest?: string | undefined;
}

/** Cases in their order. They can be gone through more than once, and are read anew each time. */
export interface CaseSource {
  readonly cases: () => AsyncIterable<PlacedCase>;
}

/** A file that can be read more than once. */
export interface CaseFile {
  /** Its name in errors. */
  readonly name: string;
  readonly open: () => AsyncIterable<Uint8Array>;
}

/** Bytes of a file of cases, and of one of its lines. */
export const maximumFileBytes = 64 * 1_048_576;
export const maximumLineBytes = 1_048_576;

/** The cases that stand in an EvalSuite. `digests`: those that whoever stored it gave them, by name. */
export function inlineCases({ cases }: Pick<EvalSuiteSpec, 'cases'>, digests: ReadonlyMap<string, string> = new Map()): CaseSource {
  return {
    cases: async function* placed() {
      for (const [index, each] of cases.entries()) {
        const evalCase = parseCase(`cases[${index}]`, each);
        yield { place: `cases[${index}]`, evalCase, digest: digests.get(evalCase.name) };
      }
    },
  };
}

/** A file with one case a line, as JSON, in the form of `spec.cases[]`. It is streamed: memory does not grow with it. Iterating throws SuiteError. */
export function jsonLinesCases(file: CaseFile): CaseSource {
  return {
    cases: async function* placed() {
      for await (const { number, text } of linesOf(file.open(), { file: file.name, maximumBytes: maximumFileBytes, maximumLineBytes })) {
        const place = `${file.name}, line ${number}`;
        yield { place, evalCase: parseCase(place, parseLine(place, text)) };
      }
    },
  };
}

/** The cases of several sources, one after another. */
export function allCases(sources: readonly CaseSource[]): CaseSource {
  return {
    cases: async function* placed() {
      for (const source of sources) yield* source.cases();
    },
  };
}

function parseLine(place: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // The parser's own message would quote the case.
    throw new SuiteError(place, 'is not JSON; write one case as one JSON object on one line');
  }
}
