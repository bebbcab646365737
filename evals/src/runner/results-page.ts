import { z } from 'zod';
import { maximumLine } from './kept-results.ts';

/** Results on one page; a page is below 1 MiB then, whatever the reasons say. */
export const resultsPerPage = 400;
/** Far more than a suite may ask. */
const count = z.int().min(0).max(10_000_000);

/**
 * What a running evaluation tells whoever asks for its results from `from` on. To ask for results from a place on says that all before it
 * are kept. `Stopped`: the process is told to end before the run is done.
 */
export const resultsPage = z.object({
  state: z.enum(['Running', 'Finished', 'Stopped']),
  /** As `keptLine` writes them. */
  results: z.array(z.string().max(maximumLine)).max(resultsPerPage),
  /** Where the next page begins. */
  next: count,
  /** How many results there are so far. */
  count,
  /** Not set before the first answer. */
  progress: z
    .object({ done: count, total: count, failed: count, errored: count, resumed: count, elapsedMs: z.number().min(0) })
    .optional(),
});

export type ResultsPage = z.infer<typeof resultsPage>;

export const resultsPath = '/results';

/** Answered, without a body, as soon as there are results from `from` on, or the run goes on no more. Whoever asks hangs up when the time is too long. */
export const moreResultsPath = '/results/more';
