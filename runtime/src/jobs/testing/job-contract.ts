import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSqlIdempotencyStore } from '../../idempotency/sql/sql-idempotency-store.ts';
import type { Owner } from '../../store/owner.ts';
import type { DatabaseRig, OpenRig } from '../../store/testing/database-rig.ts';
import type { CallbackDue } from '../callbacks/callback-queue.ts';
import type { Job, Lease, NewJob } from '../job.ts';
import type { JobLimits } from '../job-limits.ts';
import type { JobStore } from '../job-store.ts';
import { createSqlJobStore } from '../sql/sql-job-store.ts';

export const ann: Owner = { tenant: 'a', subject: 'ann' };
const bob: Owner = { tenant: 'b', subject: 'bob' };
const limits: Partial<JobLimits> = { leaseMs: 1_000, maxAttempts: 3, backoff: { firstMs: 100, longestMs: 1_000 }, maxRunningPerTenant: 2, maxQueuedPerTenant: 5, maxQueued: 8, maxEventsPerJob: 6, maxJsonLength: 200, maxCallbackAttempts: 2, callbackLeaseMs: 500 };

function job(id: string, more: Partial<NewJob> = {}): NewJob {
  return { id, owner: ann, payload: { question: id }, ...more };
}

function there<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('there is nothing to take');
  return value;
}

/** What every job store does, whatever it keeps the jobs in. */
export function describeJobStore(name: string, openRig: OpenRig): void {
  describe(`jobs in ${name}`, () => {
    let rig: DatabaseRig;
    let store: JobStore;
    beforeEach(async () => {
      rig = await openRig();
      store = createSqlJobStore({ database: rig.database, random: { fraction: () => 0 }, limits });
    });
    afterEach(async () => rig.close());

    const claimed = async (worker = 'w1'): Promise<Lease> => there(await store.claim(worker));
    const due = async (): Promise<CallbackDue> => there(await store.callbacks.claim());
    const types = async (id: string): Promise<readonly string[]> => ((await store.events(id, ann, { after: 0, limit: 100 })) ?? []).map(({ type }) => type);

    it('gives a job once, with its payload, and keeps its result', async () => {
      expect(await store.enqueue(job('one'))).toMatchObject({ outcome: 'queued', job: { state: 'queued', attempts: 0 } });
      const lease = await claimed();
      expect(lease).toMatchObject({ worker: 'w1', fence: 1, until: rig.clock.now() + 1_000, job: { id: 'one', payload: { question: 'one' }, state: 'running', attempts: 1 } });
      expect(await store.claim('w2')).toBeUndefined();
      expect(await store.complete(lease, { answer: 42 })).toBe('succeeded');
      expect(await store.get('one', ann)).toMatchObject({ state: 'succeeded', result: { answer: 42 }, finishedAt: rig.clock.now() });
      expect(await types('one')).toEqual(['queued', 'started', 'succeeded']);
    });

    it('is kept with the answer to its key, or neither is', async () => {
      const keys = createSqlIdempotencyStore(rig.database, { leaseMs: 1_000 });
      const request = { scope: 'a', key: 'k', fingerprint: 'f' };
      const begin = async () => {
        const begun = await keys.begin(request);
        return begun.outcome === 'started' ? begun.claim : undefined;
      };
      const responseOf = ({ id }: Job) => ({ status: 202, headers: {}, body: id });
      const slow = there(await begin());
      rig.clock.advance(1_000);
      const next = there(await begin());
      expect(await store.enqueue(job('late', { once: { claim: slow, responseOf } }))).toEqual({ outcome: 'superseded' });
      expect(await store.get('late', ann)).toBeUndefined();
      expect(await store.enqueue(job('one', { once: { claim: next, responseOf } }))).toMatchObject({ outcome: 'queued' });
      // Whoever was killed right after that has told nobody; the next try is told all the same.
      expect(await keys.begin(request)).toEqual({ outcome: 'replay', response: { status: 202, headers: {}, body: 'one' } });
      expect((await store.list(ann, { limit: 10 })).items.map(({ id }) => id)).toEqual(['one']);
    });

    it('tells the last event of many jobs at once, after each change of state', async () => {
      for (const id of ['one', 'two']) await store.enqueue(job(id));
      expect(await store.newestEvents(['one', 'two', 'nowhere', "o'ne"])).toEqual(new Map([['one', 1], ['two', 1]]));
      const lease = await claimed();
      await store.emit(lease, [{ type: 'progress', data: 1 }]);
      expect(await store.newestEvents(['one'])).toEqual(new Map([['one', 3]]));
      await store.complete(lease, 'done');
      await store.cancel('two', ann);
      expect(await store.newestEvents(['two', 'one'])).toEqual(new Map([['one', 4], ['two', 2]]));
      expect(await store.newestEvents([])).toEqual(new Map());
    });

    it('shows a job to its owner only', async () => {
      await store.enqueue(job('mine', { callbackUrl: 'https://a.example/done' }));
      for (const other of [bob, { tenant: 'a', subject: 'eve' }, { tenant: 'b', subject: 'ann' }]) {
        expect(await store.get('mine', other)).toBeUndefined();
        expect(await store.events('mine', other, { after: 0, limit: 10 })).toBeUndefined();
        expect(await store.cancel('mine', other)).toBe('unknown');
        expect(await store.redrive('mine', other)).toBe('unknown');
        expect(await store.list(other, { limit: 10 })).toEqual({ items: [] });
      }
      expect(await store.get('mine', ann)).toMatchObject({ state: 'queued' });
    });

    it('tells owners of one name apart by who vouched for them, but for what an older version queued', async () => {
      const [byKey, byToken] = [{ ...ann, authority: 'keys' }, { ...ann, authority: 'issuer https://id.example.com' }];
      await store.enqueue(job('mine', { owner: byKey }));
      await store.enqueue(job('old'));
      expect(await store.get('mine', byToken)).toBeUndefined();
      expect(await store.events('mine', byToken, { after: 0, limit: 10 })).toBeUndefined();
      expect([await store.cancel('mine', byToken), await store.redrive('mine', byToken)]).toEqual(['unknown', 'unknown']);
      expect((await store.list(byToken, { limit: 10 })).items.map(({ id }) => id)).toEqual(['old']);
      expect((await store.list(byKey, { limit: 10 })).items.map(({ id }) => id)).toEqual(['old', 'mine']);
      expect(await store.get('mine', byKey)).toMatchObject({ state: 'queued', owner: byKey });
      expect((await store.claim('w1'))?.job.owner).toEqual(byKey);
    });

    it('lists by pages, the newest first', async () => {
      for (const id of ['1', '2', '3', '4', '5']) await store.enqueue(job(id));
      const first = await store.list(ann, { limit: 2 });
      expect(first.items.map(({ id }) => id)).toEqual(['5', '4']);
      const second = await store.list(ann, { limit: 2, after: first.next });
      expect(second.items.map(({ id }) => id)).toEqual(['3', '2']);
      expect(await store.list(ann, { limit: 2, after: second.next })).toMatchObject({ items: [{ id: '1' }] });
      await store.cancel('3', ann);
      expect((await store.list(ann, { limit: 9, state: 'cancelled' })).items.map(({ id }) => id)).toEqual(['3']);
    });

    it('refuses more than a tenant or the store may hold', async () => {
      for (const id of ['1', '2', '3', '4', '5']) await store.enqueue(job(id));
      expect(await store.enqueue(job('6'))).toEqual({ outcome: 'quota', limit: 5 });
      for (const id of ['7', '8', '9']) await store.enqueue(job(id, { owner: bob }));
      expect(await store.enqueue(job('10', { owner: bob }))).toEqual({ outcome: 'full', limit: 8 });
    });

    it.each([
      ['a payload that is too large', { payload: 'x'.repeat(300) }, 'the payload of a job is 302 characters of JSON, and 200 may be kept'],
      ['a payload that is no JSON', { payload: undefined }, 'the payload of a job is no JSON value'],
      ['a priority out of range', { priority: 11 }, 'the priority of a job is 11: give a whole number from -10 to 10'],
      ['a priority that is no whole number', { priority: 0.5 }, 'the priority of a job is 0.5'],
    ])('refuses %s', async (_case, more, message) => {
      await expect(store.enqueue(job('bad', more))).rejects.toThrow(message);
      expect(await store.depth()).toEqual({ queued: 0, running: 0, dead: 0, oldestWaitMs: 0 });
    });

    it('takes the higher priority first, and lets waiting outweigh it', async () => {
      await store.enqueue(job('old'));
      rig.clock.advance(90_000);
      await store.enqueue(job('new'));
      await store.enqueue(job('one step up', { priority: 1 }));
      await store.enqueue(job('two steps up', { priority: 2 }));
      const order: string[] = [];
      for (let lease = await store.claim('w'); lease !== undefined; lease = await store.claim('w')) {
        order.push(lease.job.id);
        await store.complete(lease, null);
      }
      expect(order).toEqual(['two steps up', 'old', 'one step up', 'new']);
    });

    it('lets tenants take turns, however many jobs one has and whatever their priority', async () => {
      for (const id of ['a1', 'a2', 'a3', 'a4']) await store.enqueue(job(id, { priority: 10 }));
      for (const id of ['b1', 'b2']) await store.enqueue(job(id, { owner: bob, priority: -10 }));
      const order: string[] = [];
      for (let lease = await store.claim('w'); lease !== undefined; lease = await store.claim('w')) {
        order.push(lease.job.id);
        if (order.length > 3) await store.complete(lease, null);
      }
      expect(order).toEqual(['a1', 'b1', 'a2', 'b2']);
    });

    it('runs no more of one tenant at a time than its limit', async () => {
      for (const id of ['1', '2', '3']) await store.enqueue(job(id));
      const first = await claimed();
      await claimed();
      expect(await store.claim('w1')).toBeUndefined();
      await store.complete(first, null);
      expect((await claimed()).job.id).toBe('3');
    });

    it('keeps a job back until its time', async () => {
      await store.enqueue(job('later', { delayMs: 500 }));
      expect(await store.claim('w')).toBeUndefined();
      rig.clock.advance(500);
      expect((await claimed()).job.id).toBe('later');
    });

    it('leaves a lease to whoever gives signs of life', async () => {
      await store.enqueue(job('slow'));
      const lease = await claimed();
      for (let beat = 0; beat < 5; beat += 1) {
        rig.clock.advance(900);
        expect(await store.heartbeat(lease)).toBe('continue');
      }
      expect(await store.claim('w2')).toBeUndefined();
      expect(await store.complete(lease, null)).toBe('succeeded');
    });

    it('gives a job of a lost worker to another, and hears nothing of the lost one any more', async () => {
      await store.enqueue(job('retried'));
      const lost = await claimed();
      rig.clock.advance(1_000);
      expect(await store.claim('w2')).toBeUndefined();
      rig.clock.advance(100);
      const next = await claimed('w2');
      expect(next).toMatchObject({ fence: 2, job: { attempts: 2 } });
      expect(await store.heartbeat(lost)).toBe('lost');
      expect(await store.emit(lost, [{ type: 'x', data: 1 }])).toBe('lost');
      expect(await store.beginEffect(lost, 'mail')).toEqual({ state: 'lost' });
      expect(await store.finishEffect(lost, 'mail', 1)).toBe('lost');
      expect(await store.complete(lost, 'stale', [{ effect: 'mail', value: 1 }])).toBe('lost');
      expect(await store.fail(lost, { error: 'stale', retry: 'never' })).toEqual({ outcome: 'lost' });
      expect(await store.handOver(lost)).toBe('lost');
      expect(await store.acknowledgeCancel(lost)).toBe('lost');
      expect(await store.complete(next, 'fresh')).toBe('succeeded');
      expect(await store.get('retried', ann)).toMatchObject({ state: 'succeeded', result: 'fresh' });
      expect(await types('retried')).toEqual(['queued', 'started', 'retrying', 'started', 'succeeded']);
    });

    it('makes a dead letter of what is lost with every attempt, and queues it again when asked', async () => {
      await store.enqueue(job('poison'));
      for (let attempt = 1; attempt <= 3; attempt += 1) {
        await claimed();
        rig.clock.advance(1_000);
        expect(await store.sweep()).toBe(1);
        rig.clock.advance(1_000);
      }
      expect(await store.get('poison', ann)).toMatchObject({ state: 'dead', attempts: 3, error: expect.stringContaining('the worker was lost') });
      expect(await store.depth()).toMatchObject({ queued: 0, running: 0, dead: 1 });
      expect(await store.redrive('poison', ann)).toBe('queued');
      expect(await store.redrive('poison', ann)).toBe('not-dead');
      expect(await claimed()).toMatchObject({ fence: 4, job: { attempts: 1 } });
    });

    it('tries again after a growing pause, and not before the time that was asked for', async () => {
      await store.enqueue(job('flaky'));
      const start = rig.clock.now();
      expect(await store.fail(await claimed(), { error: 'overloaded', retry: 'later' })).toEqual({ outcome: 'retrying', runAt: start + 100 });
      expect(await store.get('flaky', ann)).toMatchObject({ state: 'queued', error: 'overloaded' });
      rig.clock.advance(100);
      expect(await store.fail(await claimed(), { error: 'overloaded', retry: 'later', afterMs: 700 })).toEqual({ outcome: 'retrying', runAt: start + 800 });
      rig.clock.advance(700);
      expect(await store.fail(await claimed(), { error: 'overloaded', retry: 'later' })).toEqual({ outcome: 'dead' });
    });

    it('does not try again what cannot succeed', async () => {
      await store.enqueue(job('wrong'));
      expect(await store.fail(await claimed(), { error: 'the input is no invoice', retry: 'never' })).toEqual({ outcome: 'failed' });
      expect(await store.get('wrong', ann)).toMatchObject({ state: 'failed', error: 'the input is no invoice', attempts: 1 });
      expect(await store.redrive('wrong', ann)).toBe('not-dead');
    });

    it('cancels what waits at once, and what runs through its worker', async () => {
      await store.enqueue(job('waits', { delayMs: 10 }));
      expect(await store.cancel('waits', ann)).toBe('cancelled');
      expect(await store.cancel('waits', ann)).toBe('ended');
      await store.enqueue(job('runs'));
      const lease = await claimed();
      expect(await store.acknowledgeCancel(lease)).toBe('lost');
      expect(await store.cancel('runs', ann)).toBe('cancelling');
      expect(await store.heartbeat(lease)).toBe('cancel');
      expect(await store.acknowledgeCancel(lease)).toBe('cancelled');
      expect(await store.get('runs', ann)).toMatchObject({ state: 'cancelled', cancelRequested: true });
    });

    it.each([
      ['lost', async () => rig.clock.advance(1_000)],
      ['failed', async (lease: Lease) => void (await store.fail(lease, { error: 'x', retry: 'later' }))],
      ['handed over', async (lease: Lease) => void (await store.handOver(lease))],
    ])('cancels a job whose worker %s after its owner asked for it', async (_case, end) => {
      await store.enqueue(job('runs'));
      const lease = await claimed();
      await store.cancel('runs', ann);
      await end(lease);
      expect(await store.claim('w2')).toBeUndefined();
      expect(await store.get('runs', ann)).toMatchObject({ state: 'cancelled' });
    });

    it('keeps the result of a job that was done before it heard of the cancel', async () => {
      await store.enqueue(job('quick'));
      const lease = await claimed();
      await store.cancel('quick', ann);
      expect(await store.complete(lease, 'done')).toBe('succeeded');
    });

    it('hands a job over without counting the attempt', async () => {
      await store.enqueue(job('moved'));
      expect(await store.handOver(await claimed())).toBe('queued');
      expect(await store.claim('w2')).toMatchObject({ worker: 'w2', fence: 2, job: { attempts: 1 } });
    });

    it('does an effect once, and says when nobody knows', async () => {
      await store.enqueue(job('paying'));
      const lost = await claimed();
      expect(await store.beginEffect(lost, 'charge')).toEqual({ state: 'new' });
      expect(await store.finishEffect(lost, 'charge', { receipt: 7 })).toBe('recorded');
      expect(await store.beginEffect(lost, 'mail')).toEqual({ state: 'new' });
      rig.clock.advance(1_000);
      await store.sweep();
      rig.clock.advance(1_000);
      const next = await claimed();
      expect(await store.beginEffect(next, 'charge')).toEqual({ state: 'done', value: { receipt: 7 } });
      expect(await store.beginEffect(next, 'mail')).toEqual({ state: 'unknown' });
      await store.complete(next, null, [{ effect: 'charge', value: { receipt: 8 } }, { effect: 'mail', value: 'sent' }]);
      const rows = await rig.database.transaction((transaction) => transaction.rows('SELECT effect, value, fence FROM job_effects ORDER BY effect'));
      expect(rows.map((row) => ({ ...row }))).toEqual([
        { effect: 'charge', value: '{"receipt":7}', fence: 1 },
        { effect: 'mail', value: '"sent"', fence: 2 },
      ]);
    });

    it('tells events from where a reader stopped, and drops what is beyond the bound but not the end', async () => {
      await store.enqueue(job('chatty'));
      const lease = await claimed();
      for (let i = 1; i <= 9; i += 1) expect(await store.emit(lease, [{ type: 'delta', data: { i } }])).toBe('recorded');
      await store.complete(lease, null);
      expect(await types('chatty')).toEqual(['queued', 'started', 'delta', 'delta', 'delta', 'delta', 'succeeded']);
      expect(await store.events('chatty', ann, { after: 2, limit: 2 })).toEqual([
        { id: 3, type: 'delta', data: { i: 1 }, at: rig.clock.now() },
        { id: 4, type: 'delta', data: { i: 2 }, at: rig.clock.now() },
      ]);
    });

    it('keeps a callback until it is delivered, and gives it up after its last attempt', async () => {
      for (const id of ['x', 'y']) await store.enqueue(job(id, { callbackUrl: `https://a.example/${id}` }));
      expect(await store.callbacks.claim()).toBeUndefined();
      await store.complete(await claimed(), 'ok');
      const first = await due();
      expect(first).toMatchObject({ url: 'https://a.example/x', attempt: 1, job: { id: 'x', state: 'succeeded', result: 'ok' } });
      expect(await store.callbacks.claim()).toBeUndefined();
      rig.clock.advance(500);
      const again = await due();
      expect(await store.callbacks.delivered(first)).toBe('lost');
      expect(await store.callbacks.delivered(again)).toBe('recorded');
      await store.cancel('y', ann);
      expect(await store.callbacks.undelivered(await due())).toBe('later');
      rig.clock.advance(100);
      expect(await store.callbacks.undelivered(await due())).toBe('given-up');
      rig.clock.advance(10_000);
      expect(await store.callbacks.claim()).toBeUndefined();
    });

    it('passes over callbacks of receivers that have enough', async () => {
      for (const [id, host] of [['x', 'slow.example'], ['y', 'slow.example'], ['z', 'quick.example:8443']] as const) {
        await store.enqueue(job(id, { callbackUrl: `https://${host}/done` }));
        await store.cancel(id, ann);
      }
      expect(await store.callbacks.claim(['slow.example'])).toMatchObject({ job: { id: 'z' } });
      expect(await store.callbacks.claim(['slow.example', 'quick.example:8443'])).toBeUndefined();
      expect(await store.callbacks.claim(['quick.example:8443'])).toMatchObject({ job: { id: 'x' } });
    });

    it('removes what ended long ago, with all that belongs to it', async () => {
      await store.enqueue(job('old'));
      await store.complete(await claimed(), null, [{ effect: 'e', value: 1 }]);
      rig.clock.advance(1_000);
      await store.enqueue(job('waits', { owner: bob }));
      expect(await store.prune(rig.clock.now())).toBe(1);
      expect(await store.get('old', ann)).toBeUndefined();
      const left = async (table: string): Promise<number> => (await rig.database.transaction((transaction) => transaction.rows(`SELECT 1 AS one FROM ${table}`))).length;
      expect([await left('jobs'), await left('job_effects'), await left('job_tenants')]).toEqual([1, 0, 1]);
      await store.enqueue(job('again'));
      expect((await claimed()).job.id).toBe('again');
    });

    it('says how much waits and for how long', async () => {
      for (const id of ['1', '2']) await store.enqueue(job(id));
      await store.enqueue(job('3', { delayMs: 60_000 }));
      rig.clock.advance(300);
      await claimed();
      expect(await store.depth()).toEqual({ queued: 2, running: 1, dead: 0, oldestWaitMs: 300 });
    });

    it('gives each job to one worker when many ask at once', async () => {
      for (const id of ['1', '2']) await store.enqueue(job(id));
      for (const id of ['3', '4']) await store.enqueue(job(id, { owner: bob }));
      const leases = await Promise.all(Array.from({ length: 10 }, (_unused, worker) => store.claim(`w${worker}`)));
      expect(leases.flatMap((lease) => (lease === undefined ? [] : [lease.job.id])).toSorted()).toEqual(['1', '2', '3', '4']);
    });
  });
}
