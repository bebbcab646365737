import { randomUUID } from 'node:crypto';

/** Eight characters that tell this run's request ids from those of any other. */
export function newRunId(): string {
  return randomUUID().slice(0, 8);
}
