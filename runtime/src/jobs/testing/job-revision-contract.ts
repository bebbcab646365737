import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DatabaseRig, OpenRig } from '../../store/testing/database-rig.ts';
import type { JobStore } from '../job-store.ts';
import { createSqlJobStore } from '../sql/sql-job-store.ts';
import { ann } from './job-contract.ts';

const workerSilenceMs = 6_000;

/** What a job store does while pods of two revisions work on it. */
export function describeJobRevisions(name: string, openRig: OpenRig): void {
  describe(`jobs of two revisions in ${name}`, () => {
    let rig: DatabaseRig;
    let stable: JobStore;
    let canary: JobStore;
    let anybody: JobStore;
    beforeEach(async () => {
      rig = await openRig();
      const storeOf = (revision?: string): JobStore => createSqlJobStore({ database: rig.database, random: { fraction: () => 0 }, limits: { leaseMs: 4_000, workerSilenceMs }, revision });
      [stable, canary, anybody] = [storeOf('r1'), storeOf('r2'), storeOf()];
    });
    afterEach(async () => rig.close());

    const add = async (store: JobStore, id: string): Promise<unknown> => await store.enqueue({ id, owner: ann, payload: {} });
    const taken = async (store: JobStore, worker: string): Promise<string | undefined> => (await store.claim(worker))?.job.id;

    it('leaves a job to the workers of the revision that took it in, in whatever order they come', async () => {
      expect(await taken(stable, 's')).toBeUndefined();
      expect(await taken(canary, 'c')).toBeUndefined();
      for (const id of ['one', 'two']) await add(stable, id);
      await add(canary, 'three');
      expect(await taken(canary, 'c')).toBe('three');
      expect(await taken(canary, 'c')).toBeUndefined();
      expect([await taken(stable, 's'), await taken(stable, 's'), await taken(stable, 's')]).toEqual(['one', 'two', undefined]);
    });

    it('gives them to others when the last worker of the revision has left, or says no more', async () => {
      await taken(canary, 'c1');
      await taken(canary, 'c2');
      for (const id of ['one', 'two']) await add(canary, id);
      await canary.leave('c1');
      expect(await taken(stable, 's')).toBeUndefined();
      await canary.leave('c2');
      expect(await taken(stable, 's')).toBe('one');
      await taken(canary, 'c3');
      await add(canary, 'three');
      rig.clock.advance(workerSilenceMs - 1);
      expect(await taken(stable, 's2')).toBeUndefined();
      rig.clock.advance(1);
      expect([await taken(stable, 's'), await taken(stable, 's'), await taken(stable, 's')]).toEqual(expect.arrayContaining(['three']));
    });

    it('counts a worker that has all it can do as one that lives', async () => {
      await add(canary, 'long');
      const lease = await canary.claim('c');
      await add(canary, 'next');
      for (let passed = 0; passed < workerSilenceMs * 2; passed += 2_000) {
        rig.clock.advance(2_000);
        expect(lease && (await canary.heartbeat(lease))).toBe('continue');
        expect(await taken(stable, 's')).toBeUndefined();
      }
      expect(await taken(canary, 'c')).toBe('next');
    });

    it('gives jobs that no revision took in to all, and all jobs to a worker without a revision', async () => {
      await taken(stable, 's');
      for (const [store, id] of [[anybody, 'one'], [stable, 'two']] as const) await add(store, id);
      expect(await taken(canary, 'c')).toBe('one');
      expect(await taken(canary, 'c')).toBeUndefined();
      expect(await taken(anybody, 'a')).toBe('two');
    });
  });
}
