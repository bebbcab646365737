import type { WriteCount } from './audit-log.ts';

/** Leases are renewed by time and not for any agent. */
export type WriteGroup = 'object' | 'status' | 'event' | 'lease';

export function groupOf({ resource }: Pick<WriteCount, 'resource'>): WriteGroup {
  if (resource === 'events') return 'event';
  if (resource === 'leases') return 'lease';
  return resource.endsWith('/status') ? 'status' : 'object';
}

export function writesOf(counts: readonly WriteCount[], group: WriteGroup): readonly WriteCount[] {
  return counts.filter((count) => groupOf(count) === group);
}

/** Writes for each agent, leases left out. */
export function perAgent(counts: readonly WriteCount[], agents: number): number {
  return counts.filter((count) => groupOf(count) !== 'lease').reduce((sum, { count }) => sum + count, 0) / agents;
}
