import { z } from 'zod';

/**
 * What a running evaluation tells whoever asks for its results from `from` on. To ask for results from a place on says that all before it
 * are kept. `Stopped`: the process is told to end before the run is done.
 */
export const resultsPage = z.object({
  state: z.enum(['Running', 'Finished', 'Stopped']),
  /** As `keptLine` writes them. */
  results: z.array(z.string()),
  /** Where the next page begins. */
  next: z.int().min(0),
  /** How many results there are so far. */
  count: z.int().min(0),
  /** Not set before the first answer. */
  progress: z
    .object({ done: z.int().min(0), total: z.int().min(0), failed: z.int().min(0), errored: z.int().min(0), resumed: z.int().min(0), elapsedMs: z.number().min(0) })
    .optional(),
});

export type ResultsPage = z.infer<typeof resultsPage>;

/** Results on one page; a page is below 1 MiB then, whatever the reasons say. */
export const resultsPerPage = 1_000;

export const resultsPath = '/results';
