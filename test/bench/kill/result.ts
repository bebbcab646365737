import type { Along } from './along.ts';
import type { Serving } from './serving.ts';
import type { KillOutcome } from './verdict.ts';

/** All runs of one story of one contender. */
export interface StoryResult {
  readonly contender: string;
  readonly story: string;
  /** Titles of the counted writes of an uninterrupted run. */
  readonly writes: readonly string[];
  /** Kills; those that time did not suffice for are not among `kills`. */
  readonly planned: number;
  /** Of an uninterrupted run: what served at its end, how long it took, and the worse of two on the way. */
  readonly serves: Serving;
  readonly seconds: number;
  readonly along: Along;
  /** Places in which two uninterrupted runs differed: they are not compared. */
  readonly noise: readonly string[];
  /** What is not as the user wished though nobody was killed. */
  readonly shortcomings: readonly string[];
  readonly kills: readonly KillOutcome[];
  /** Runs that could not be begun: they say nothing of the contender. */
  readonly failures: readonly string[];
}
