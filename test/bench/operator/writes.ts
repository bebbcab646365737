import type { WriteCount } from './audit-log.ts';

export type WriteGroup = 'object' | 'status' | 'event';

export function groupOf({ resource }: Pick<WriteCount, 'resource'>): WriteGroup {
  if (resource === 'events') return 'event';
  return resource.endsWith('/status') ? 'status' : 'object';
}

export function writesOf(counts: readonly WriteCount[], group: WriteGroup): readonly WriteCount[] {
  return counts.filter((count) => groupOf(count) === group);
}

/** Writes for each agent. */
export function perAgent(counts: readonly WriteCount[], agents: number): number {
  return counts.reduce((sum, { count }) => sum + count, 0) / agents;
}
