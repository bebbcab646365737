import type { Random } from '../../platform/random.ts';
import type { JobLimits } from '../job-limits.ts';

export interface QueueContext {
  readonly limits: JobLimits;
  readonly random: Pick<Random, 'fraction'>;
}
