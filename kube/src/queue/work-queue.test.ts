import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../clock-fake.ts';
import { KubeMetrics } from '../metrics/kube-metrics.ts';
import { RecordingSink } from '../testing/recording-sink.ts';
import { WorkQueue } from './work-queue.ts';

const never = new AbortController().signal;
let clock: FakeClock;
let queue: WorkQueue<string>;

beforeEach(() => {
  clock = new FakeClock();
  queue = new WorkQueue({ name: 'test', clock });
});

function get(): Promise<string | undefined> {
  return queue.get({ signal: never });
}

describe('WorkQueue', () => {
  it('hands an item out once however often it was added', async () => {
    for (let count = 0; count < 3; count++) queue.add('a');
    expect(queue.length).toBe(1);
    expect(await get()).toBe('a');
    expect(queue.length).toBe(0);
  });

  it('holds back an item that is being worked on, and hands it out again after done', async () => {
    queue.add('a');
    await get();
    queue.add('a');
    expect(queue.length).toBe(0);
    queue.done('a');
    expect(await get()).toBe('a');
    queue.done('a');
    expect(queue.length).toBe(0);
  });

  it('wakes a waiting worker, one per item', async () => {
    const workers = [get(), get()];
    queue.add('a');
    queue.add('b');
    expect(new Set(await Promise.all(workers))).toEqual(new Set(['a', 'b']));
  });

  it('does not lose an item whose worker leaves in the same turn', async () => {
    const leaving = new AbortController();
    const left = queue.get({ signal: leaving.signal }).catch(() => 'left');
    const staying = get();
    queue.add('a');
    leaving.abort();
    expect(await left).toBe('left');
    expect(await staying).toBe('a');
  });

  it('rejects a worker that aborts', async () => {
    const stop = new AbortController();
    const waiting = queue.get({ signal: stop.signal });
    stop.abort(new Error('stop'));
    await expect(waiting).rejects.toThrow('stop');
  });

  it('adds later, keeping the earliest of several times', async () => {
    queue.addAfter('a', 100);
    queue.addAfter('a', 50);
    queue.addAfter('a', 80);
    await clock.advance(49);
    expect(queue.length).toBe(0);
    await clock.advance(1);
    expect(await get()).toBe('a');
    queue.done('a');
    await clock.advance(100);
    expect(queue.length).toBe(0);
  });

  it('adds at once when the delay is nothing', () => {
    queue.addAfter('a', 0);
    expect(queue.length).toBe(1);
  });

  it('doubles the delay of each failure from 5 ms, up to the maximum, until forgotten', async () => {
    queue = new WorkQueue({ name: 'test', clock, maxDelayMs: 40 });
    const delays: number[] = [];
    for (let failure = 0; failure < 5; failure++) {
      const before = clock.monotonic();
      queue.addRateLimited('a');
      while (queue.length === 0) await clock.advance(1);
      delays.push(clock.monotonic() - before);
      queue.done((await get()) ?? '');
    }
    expect(delays).toEqual([5, 10, 20, 40, 40]);
    expect(queue.retries('a')).toBe(5);
    queue.forget('a');
    expect(queue.retries('a')).toBe(0);
  });

  it('keeps the priority of an item that was raised while it was worked on', async () => {
    queue.add('a');
    await get();
    queue.add('a', 'resync');
    queue.add('a', 'change');
    queue.add('a', 'resync');
    queue.add('r', 'resync');
    queue.done('a');
    expect([await get(), await get()]).toEqual(['a', 'r']);
  });
});

describe('priority', () => {
  it('of an item that is tried again is the one it was taken with: a failing resync does not overtake changes', async () => {
    queue.add('r', 'resync');
    expect([await get(), queue.priorityOf('r')]).toEqual(['r', 'resync']);
    queue.addRateLimited('r');
    queue.done('r');
    await clock.advance(5);
    queue.add('c');
    expect([await get(), await get(), queue.priorityOf('c')]).toEqual(['c', 'r', 'change']);
  });

  it('of an item added for later is the one it was given, raised by a change', async () => {
    queue.addAfter('r', 10, 'resync');
    queue.addAfter('raised', 10, 'resync');
    queue.addAfter('raised', 10);
    await clock.advance(10);
    queue.add('c');
    expect([await get(), await get(), await get()]).toEqual(['raised', 'c', 'r']);
  });
});

describe('shutDown', () => {
  it('refuses new items, drops delayed ones, hands out the rest, then ends the workers', async () => {
    queue.add('a');
    queue.addAfter('later', 10);
    queue.shutDown();
    queue.add('b');
    await clock.advance(20);
    expect([await get(), await get()]).toEqual(['a', undefined]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('ends workers that wait', async () => {
    const waiting = [get(), get()];
    queue.shutDown();
    expect(await Promise.all(waiting)).toEqual([undefined, undefined]);
  });

  it('still hands out what was accepted while being worked on', async () => {
    queue.add('a');
    await get();
    queue.add('a');
    queue.shutDown();
    queue.done('a');
    expect(await get()).toBe('a');
  });
});

describe('delays', () => {
  it('remembers one time for an item however often it is moved to an earlier one', async () => {
    for (let ms = 5_000; ms > 0; ms--) queue.addAfter('a', ms);
    expect([queue.remembered, clock.pendingTimers]).toEqual([1, 1]);
    await clock.advance(1);
    expect([await get(), queue.remembered]).toEqual(['a', 1]);
    queue.done('a');
    expect([queue.remembered, clock.pendingTimers]).toEqual([0, 0]);
  });
});

describe('metrics', () => {
  it('have client-go\'s meaning', async () => {
    const sink = new RecordingSink();
    const metrics = new KubeMetrics(sink);
    queue = new WorkQueue({ name: 'test', clock, metrics });
    const labels = { name: 'test', controller: 'test' };
    queue.add('a');
    queue.add('a');
    queue.add('b', 'resync');
    expect(sink.get('workqueue_adds_total', labels)).toBe(2);
    expect(sink.get('workqueue_depth', { ...labels, priority: '0' })).toBe(1);
    expect(sink.get('workqueue_depth', { ...labels, priority: '-100' })).toBe(1);
    await get();
    await clock.advance(3_000);
    await get();
    await clock.advance(1_000);
    metrics.collect();
    expect(sink.get('workqueue_unfinished_work_seconds', labels)).toBe(5);
    expect(sink.get('workqueue_longest_running_processor_seconds', labels)).toBe(4);
    queue.done('a');
    queue.addRateLimited('a');
    expect(sink.get('workqueue_work_duration_seconds', labels)).toBe(1);
    expect(sink.get('workqueue_queue_duration_seconds', labels)).toBe(2);
    expect(sink.get('workqueue_retries_total', labels)).toBe(1);
  });
});
