import { describe, expect, it } from 'vitest';
import { healthProblems } from './health.ts';

const well = { problems: () => [] };
const stuck = { problems: () => ["controller 'a': 1 reconciles ignore their deadline (default/x)"] };
const pods = { synced: true, type: { plural: 'pods' } };

describe('healthProblems', () => {
  it('finds none in a process that works, leader or not', () => {
    for (const leading of [true, false]) expect(healthProblems({ informers: [pods], controllers: [well], elector: { leading, expired: () => false } }, 'ready')).toEqual([]);
    expect(healthProblems({}, 'ready')).toEqual([]);
  });

  it('names stuck controllers and a lease that ran out, for both probes', () => {
    const parts = { controllers: [well, stuck], elector: { leading: false, expired: () => true } };
    for (const question of ['alive', 'ready'] as const) {
      expect(healthProblems(parts, question)).toEqual([...stuck.problems(), 'the lease ran out and the leader did not stop']);
    }
  });

  it('names caches that are not filled for readiness alone: a restart would only empty the others', () => {
    const parts = { informers: [pods, { synced: false, type: { plural: 'secrets' } }, { synced: false, type: { plural: 'jobs' } }] };
    expect([healthProblems(parts, 'alive'), healthProblems(parts, 'ready')]).toEqual([[], ['caches are not filled yet: secrets, jobs']]);
  });
});
