import { linesOf } from '../suite/lines.ts';
import { sampleKey } from './sample-key.ts';
import { isFinished, sampleResult, type SampleResult } from './sample-result.ts';

/** The results of an earlier attempt at the same run, by sample. */
export type FinishedResults = ReadonlyMap<string, SampleResult>;

/** One line of a results log. */
export function resultLine(result: SampleResult): string {
  return `${JSON.stringify(result)}\n`;
}

/**
 * Reads a results log. A line that is none, as a death in the middle of a write leaves it, is a sample that isn't finished. Throws
 * SuiteError for a file without bounds.
 */
export async function readResults(file: string, chunks: AsyncIterable<Uint8Array>): Promise<FinishedResults> {
  const finished = new Map<string, SampleResult>();
  for await (const { text } of linesOf(chunks, { file, maximumBytes: 256 * 1_048_576, maximumLineBytes: 1_048_576 })) {
    const result = parsed(text);
    if (result !== undefined && isFinished(result)) finished.set(sampleKey(result), result);
  }
  return finished;
}

function parsed(text: string): SampleResult | undefined {
  try {
    return sampleResult.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
