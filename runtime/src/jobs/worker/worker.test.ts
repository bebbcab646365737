import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StoreError } from '../../store/store-error.ts';
import { createWorkerRig, leaseMs, owner, settleDown, type WorkerRig } from '../testing/worker-rig.ts';
import { JobFailure, JobStopped } from './job-failure.ts';
import type { JobHandler, JobRun } from './job-handler.ts';

let rig: WorkerRig;
beforeEach(async () => {
  rig = await createWorkerRig();
});
afterEach(async () => rig.close());

/** A handler whose runs the test ends, and which ends when it is told to stop. */
function held() {
  const runs: (JobRun & { readonly end: (result: unknown) => void })[] = [];
  const handler: JobHandler = async (run) => {
    const end = Promise.withResolvers<unknown>();
    runs.push({ ...run, end: end.resolve });
    return end.promise;
  };
  return { runs, handler };
}

const unavailable = async (): Promise<never> => {
  throw new StoreError('unavailable', 'the store is away');
};

describe('taking jobs', () => {
  it('takes as many at a time as it may, and the next as soon as one is done', async () => {
    const { runs, handler } = held();
    for (const id of ['1', '2', '3']) await rig.enqueue(id);
    const { worker } = rig.start(handler);
    await settleDown();
    expect([worker.running(), runs.map(({ job }) => job.id)]).toEqual([2, ['1', '2']]);
    runs[0]!.end({ done: 1 });
    await settleDown();
    expect(runs.map(({ job }) => job.id)).toEqual(['1', '2', '3']);
    expect(await rig.job('1')).toMatchObject({ state: 'succeeded', result: { done: 1 } });
  });

  it('looks at an empty queue from time to time, and at once when it is woken', async () => {
    const { runs, handler } = held();
    const { worker } = rig.start(handler);
    await settleDown();
    await rig.enqueue('polled');
    await settleDown();
    expect(runs).toHaveLength(0);
    await rig.advance(200);
    expect(runs).toHaveLength(1);
    await rig.enqueue('told');
    worker.wake();
    await settleDown();
    expect(runs).toHaveLength(2);
  });

  it('goes on when the store was away', async () => {
    const { runs, handler } = held();
    let away = 3;
    const { events } = rig.start(handler, { over: { claim: async (name) => ((away -= 1) >= 0 ? unavailable() : rig.store.claim(name)) } });
    await rig.enqueue('late');
    await rig.advance(800);
    expect(runs.map(({ job }) => job.id)).toEqual(['late']);
    expect(events.filter(({ type }) => type === 'store-error')).toHaveLength(3);
  });
});

describe('how the work ends', () => {
  it.each([
    ['for good', new JobFailure('no such invoice', { retry: 'never' }), { state: 'failed', error: 'no such invoice' }],
    ['for now', new JobFailure('overloaded', { retry: 'later', afterMs: 900 }), { state: 'queued', error: 'overloaded' }],
    ['by surprise, of which the owner hears nothing', new Error('password=hunter2'), { state: 'queued', error: 'an error inside the worker' }],
  ])('fails %s', async (_case, error, expected) => {
    await rig.enqueue('x');
    const { events } = rig.start(async () => {
      throw error;
    });
    await settleDown();
    expect(await rig.job('x')).toMatchObject(expected);
    expect(events.at(-1)).toMatchObject({ type: 'ended', error });
  });

  it('does not try a job again whose result cannot be kept', async () => {
    await rig.enqueue('x');
    rig.start(async () => 'x'.repeat(600));
    await settleDown();
    expect(await rig.job('x')).toMatchObject({ state: 'failed', attempts: 1, error: 'the result of a job is 602 characters of JSON, and 500 may be kept' });
  });

  it('asks a store again that cannot take the result now', async () => {
    await rig.enqueue('x');
    let away = 2;
    rig.start(async () => 'ok', { over: { complete: async (...args) => ((away -= 1) >= 0 ? unavailable() : rig.store.complete(...args)) } });
    await rig.advance(600);
    expect(await rig.job('x')).toMatchObject({ state: 'succeeded', result: 'ok', attempts: 1 });
  });
});

describe('the lease', () => {
  it('lasts as long as the work', async () => {
    const { runs, handler } = held();
    await rig.enqueue('long');
    rig.start(handler);
    await rig.advance(10 * leaseMs);
    expect(runs).toHaveLength(1);
    runs[0]!.end('at last');
    await settleDown();
    expect(await rig.job('long')).toMatchObject({ state: 'succeeded', attempts: 1 });
  });

  it('tells the work that its owner does not want it any more', async () => {
    const { runs, handler } = held();
    await rig.enqueue('x');
    rig.start(handler);
    await settleDown();
    expect(await rig.store.cancel('x', owner)).toBe('cancelling');
    await rig.advance(leaseMs);
    expect(runs[0]!.signal.reason).toEqual(new JobStopped('cancelled'));
    expect(await rig.job('x')).toMatchObject({ state: 'cancelled' });
  });

  it('stops work that another worker may have begun, as the store cannot be reached', async () => {
    const { runs, handler } = held();
    await rig.enqueue('x');
    const { events } = rig.start(handler, { over: { heartbeat: unavailable, claim: (() => {
      let first = true;
      return async (name: string) => {
        if (!first) return undefined;
        first = false;
        return rig.store.claim(name);
      };
    })() } });
    await rig.advance(leaseMs + 500);
    expect(runs[0]!.signal.reason).toEqual(new JobStopped('lost'));
    expect(events.at(-1)).toMatchObject({ type: 'ended', outcome: 'lost' });
    const second = held();
    rig.start(second.handler);
    await rig.advance(500);
    expect(second.runs[0]?.job).toMatchObject({ id: 'x', attempts: 2 });
  });

  it('hears nothing of a worker whose lease another one has', async () => {
    await rig.enqueue('x');
    const { runs, handler } = held();
    let stalled = true;
    const { events } = rig.start(handler, { over: { heartbeat: async (lease) => (stalled ? new Promise<never>(() => {}) : rig.store.heartbeat(lease)) } });
    await settleDown();
    const second = held();
    rig.start(second.handler);
    await rig.advance(leaseMs + 300);
    stalled = false;
    expect(second.runs[0]?.job).toMatchObject({ id: 'x', attempts: 2 });
    runs[0]!.end('stale');
    second.runs[0]?.end('fresh');
    await rig.advance(100);
    expect(await rig.job('x')).toMatchObject({ state: 'succeeded', result: 'fresh' });
    expect(events.filter(({ type }) => type === 'ended')).toMatchObject([{ outcome: 'lost' }]);
  });
});

describe('draining', () => {
  it('finishes what ends in time, takes nothing more, and hands over the rest', async () => {
    for (const id of ['quick', 'slow', 'waiting']) await rig.enqueue(id);
    const first = held();
    const { worker, ended } = rig.start(first.handler);
    await settleDown();
    const drained = worker.drain(400);
    first.runs[0]!.end('done');
    await rig.advance(400);
    await Promise.all([drained, ended]);
    expect(await rig.job('quick')).toMatchObject({ state: 'succeeded' });
    expect(first.runs[1]!.signal.reason).toEqual(new JobStopped('draining'));
    expect(await rig.job('slow')).toMatchObject({ state: 'queued', attempts: 0 });
    expect(first.runs).toHaveLength(2);
    const second = held();
    rig.start(second.handler);
    await settleDown();
    expect(second.runs.map(({ job }) => job.id)).toEqual(['slow', 'waiting']);
  });
});

describe('effects', () => {
  it('are done once over all attempts, and give the same', async () => {
    await rig.enqueue('x');
    const keys: string[] = [];
    const given: unknown[] = [];
    rig.start(async (run) => {
      given.push(await run.effect('charge', { repeat: 'never' }, async (key) => {
        keys.push(key);
        return { receipt: keys.length };
      }));
      if (run.job.attempts === 1) throw new JobFailure('later', { retry: 'later' });
      return given;
    });
    await rig.advance(500);
    expect(keys).toEqual(['x/charge']);
    expect(given).toEqual([{ receipt: 1 }, { receipt: 1 }]);
    expect(await rig.job('x')).toMatchObject({ state: 'succeeded' });
  });

  it.each([
    ['never', { state: 'failed', error: 'an attempt was lost during "charge", and nobody knows whether it got through' }, 1],
    ['safe', { state: 'succeeded', result: 'receipt 2' }, 2],
  ] as const)('that were cut and may be repeated %s', async (repeat, expected, calls) => {
    await rig.enqueue('x');
    let called = 0;
    rig.start(async (run) =>
      run.effect('charge', { repeat }, async () => {
        called += 1;
        if (called === 1) throw new Error('the connection broke');
        return `receipt ${called}`;
      }),
    );
    await rig.advance(500);
    expect(await rig.job('x')).toMatchObject(expected);
    expect(called).toBe(calls);
  });

  it('and events of a job that was stopped are refused', async () => {
    await rig.enqueue('x');
    const { runs, handler } = held();
    rig.start(handler);
    await settleDown();
    await runs[0]!.emit('progress', { done: 0.5 });
    await rig.store.cancel('x', owner);
    await rig.advance(leaseMs);
    await expect(runs[0]!.effect('charge', { repeat: 'safe' }, async () => 'too late')).rejects.toThrow('the job was stopped: cancelled');
    await expect(runs[0]!.emit('progress', {})).rejects.toThrow('the job was stopped: lost');
    expect((await rig.store.events('x', owner, { after: 0, limit: 10 }))?.map(({ type }) => type)).toEqual(['queued', 'started', 'progress', 'cancelled']);
  });
});
