import type { Random } from '../../platform/random.ts';
import type { JobLimits } from '../job-limits.ts';

export interface QueueContext {
  readonly limits: JobLimits;
  /** Of this process; not set: it takes jobs of all revisions, and says of none that it is there. */
  readonly revision?: string | undefined;
  readonly random: Pick<Random, 'fraction'>;
}
