import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KubeError } from '../kube-error.ts';
import { ControllerRig } from '../testing/controller-rig.ts';
import { isPanic, type ReconcileResult } from './reconcile.ts';

const a = { namespace: 'default', name: 'a' };
const b = { namespace: 'default', name: 'b' };
let rig: ControllerRig;

beforeEach(() => {
  rig = new ControllerRig();
});

afterEach(() => rig.close());

function never(): Promise<ReconcileResult> {
  return new Promise(() => {});
}

describe('what a reconcile throws stays with its key', () => {
  it.each<[string, () => Promise<ReconcileResult>, number]>([
    ['throws before its first await', () => { throw new Error('at once'); }, 0],
    ['rejects', () => Promise.reject(new Error('later')), 0],
    ['makes a programming error', async () => { throw new TypeError("Cannot read properties of undefined (reading 'spec')"); }, 1],
    ['throws what is no Error', () => { throw 'a string' as unknown as Error; }, 1],
    ['rejects with null', async () => { const nothing: unknown = null; throw nothing; }, 1],
    ['returns nothing', () => Promise.resolve(undefined as unknown as ReconcileResult), 1],
    ['asks for a time that is none', () => Promise.resolve({ requeueAfterMs: Number.NaN }), 1],
  ])('row A.2/handler-rejects: a reconcile that %s is counted, logged and tried again, and other keys go on', async (_what, fail, panics) => {
    const seen: string[] = [];
    const made = rig.start(({ name }) => {
      seen.push(name);
      return name === 'a' && seen.length === 1 ? fail() : Promise.resolve({});
    });
    made.enqueue(a);
    made.enqueue(b);
    await rig.clock.advance(4);
    expect(seen).toEqual(['a', 'b']);
    await rig.clock.advance(1);
    expect(seen).toEqual(['a', 'b', 'a']);
    expect([rig.results('error'), rig.results('success'), rig.metric('reconcile_errors_total'), rig.metric('reconcile_panics_total')]).toEqual([1, 2, 1, panics]);
    expect(rig.logged).toEqual(['error the reconcile failed and is tried again']);
  });

  it('does not take a network fault for a panic', () => {
    expect(isPanic(new TypeError('fetch failed', { cause: new Error('ECONNRESET') }))).toBe(false);
    expect([isPanic(new RangeError('bad')), isPanic(null), isPanic(new KubeError({ code: 500, reason: 'x', message: 'y' }))]).toEqual([true, true, false]);
  });

  it('survives a logger that throws', async () => {
    let calls = 0;
    const broken = () => { throw new Error('disk full'); };
    const made = rig.start(async () => { calls += 1; throw new Error('no'); }, { logger: { debug: broken, info: broken, warn: broken, error: broken } });
    made.enqueue(a);
    await rig.clock.advance(20);
    expect(calls).toBeGreaterThan(1);
  });
});

describe('a reconcile that ignores its deadline', () => {
  it('loses its worker, not its key, and both come back when it ends', async () => {
    let finish: (result: ReconcileResult) => void = () => {};
    const seen: string[] = [];
    const made = rig.start(({ name }) => {
      seen.push(name);
      return name === 'a' ? new Promise((resolve) => { finish = resolve; }) : Promise.resolve({});
    }, { reconcileDeadlineMs: 1_000, abandonAfterMs: 500 });
    made.enqueue(a);
    made.enqueue(b);
    await rig.clock.advance(1_000);
    expect([seen, rig.metric('reconcile_timeouts_total'), made.problems()]).toEqual([['a'], 1, []]);
    await rig.clock.advance(500);
    expect([seen, rig.metric('active_workers'), rig.sink.get('kube_abandoned_reconciles', { controller: 'test' })]).toEqual([['a', 'b'], 0, 1]);
    expect(made.problems()).toEqual(["controller 'test': 1 reconciles ignore their deadline (default/a)"]);
    expect(rig.logged).toEqual([expect.stringContaining('error a reconcile ignores its deadline')]);
    made.enqueue(a);
    await rig.clock.advance(100);
    expect(seen).toEqual(['a', 'b']);
    finish({});
    await rig.clock.advance(0);
    expect([seen, made.problems(), rig.sink.get('kube_abandoned_reconciles', { controller: 'test' })]).toEqual([['a', 'b', 'a'], [], 0]);
    finish({});
  });

  it('keeps each key to one reconcile however many are abandoned', async () => {
    const running = new Map<string, number>();
    const made = rig.start(({ name }) => {
      running.set(name, (running.get(name) ?? 0) + 1);
      return never();
    }, { reconcileDeadlineMs: 100, abandonAfterMs: 100, concurrency: 2 });
    for (let round = 0; round < 10; round++) {
      for (const name of ['a', 'b', 'c', 'd', 'e']) made.enqueue({ namespace: 'default', name });
      await rig.clock.advance(100);
    }
    expect(Object.fromEntries(running)).toEqual({ a: 1, b: 1, c: 1, d: 1, e: 1 });
    expect(rig.metric('reconcile_timeouts_total')).toBe(5);
  });

  it('of which ten are left behind for each worker: the next keeps its own until it ends', async () => {
    const ends: (() => void)[] = [];
    const made = rig.start(() => new Promise((resolve) => { ends.push(() => resolve({})); }), { reconcileDeadlineMs: 100, abandonAfterMs: 100 });
    for (let index = 0; index < 20; index++) made.enqueue({ namespace: 'default', name: `key-${index}` });
    await rig.clock.advance(10_000);
    expect([ends.length, rig.sink.get('kube_abandoned_reconciles', { controller: 'test' })]).toEqual([11, 11]);
    ends.at(-1)?.();
    await rig.clock.advance(0);
    expect(ends).toHaveLength(12);
  });

  it('gets a signal that says why, also when it asks for it late', async () => {
    let late: AbortSignal | undefined;
    const made = rig.start(async (_key, call) => {
      await rig.clock.sleep(2_000, { signal: new AbortController().signal });
      late = call.signal;
      return {};
    }, { reconcileDeadlineMs: 1_000 });
    made.enqueue(a);
    await rig.clock.advance(2_000);
    expect([late?.aborted, String(late?.reason)]).toEqual([true, 'TimeoutError: the deadline of 1000 ms passed']);
  });
});

describe('outcomes', () => {
  it('row D.1/outcome-switch: error is rate limited, requeueAfter forgets and comes later, requeue is rate limited without an error, else forget', async () => {
    const outcomes: (() => ReconcileResult)[] = [
      () => { throw new Error('1'); }, () => ({ requeue: 'rate-limited' }), () => ({ requeueAfterMs: 50 }), () => { throw new Error('2'); }, () => ({}),
    ];
    const times: number[] = [];
    const made = rig.start(async () => {
      times.push(rig.clock.monotonic());
      return outcomes[times.length - 1]?.() ?? {};
    });
    expect(['error', 'requeue', 'requeue_after', 'success'].map((result) => rig.sink.values.get(`controller_runtime_reconcile_total{controller=test,result=${result}}`))).toEqual([0, 0, 0, 0]);
    made.enqueue(a);
    await rig.clock.advance(1_000);
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    // 5 and 10 ms after two in a row; 5 again, since requeueAfter forgot them.
    expect(gaps).toEqual([5, 10, 50, 5]);
    expect(['error', 'requeue', 'requeue_after', 'success'].map((result) => rig.results(result))).toEqual([2, 1, 1, 1]);
  });

  it('waits at least as long as the API server asks', async () => {
    const times: number[] = [];
    const made = rig.start(async () => {
      times.push(rig.clock.monotonic());
      if (times.length === 1) throw new KubeError({ code: 429, reason: 'TooManyRequests', message: 'slow down', retryAfterMs: 3_000 });
      return {};
    });
    made.enqueue(a);
    await rig.clock.advance(5_000);
    expect(times).toEqual([0, 3_000]);
  });
});

describe('one slow reconcile', () => {
  it('row A.2/one-slow-handler: holds up neither other keys nor other controllers', async () => {
    const done: string[] = [];
    const slow = rig.start(({ name }) => {
      if (name === 'a') return never();
      done.push(name);
      return Promise.resolve({});
    }, { concurrency: 2, drainMs: 0 });
    const other = rig.start(async ({ name }) => { done.push(`other ${name}`); return {}; }, { name: 'other' });
    for (const name of ['a', 'b', 'c', 'd']) slow.enqueue({ namespace: 'default', name });
    other.enqueue(a);
    await rig.clock.advance(0);
    expect(done.toSorted()).toEqual(['b', 'c', 'd', 'other a']);
  });

  it('lets timers and sockets have their turn while thousands of keys are worked through', async () => {
    let done = 0;
    let spent = 0;
    // Each takes a millisecond of the clock, as one that computes does, and never waits.
    const monotonic = rig.clock.monotonic.bind(rig.clock);
    rig.clock.monotonic = () => monotonic() + spent;
    const made = rig.start(async () => { done += 1; spent += 1; return {}; });
    await rig.clock.advance(0);
    for (let index = 0; index < 2_000; index++) made.enqueue({ namespace: 'default', name: `n${index}` });
    await new Promise((resolve) => { setImmediate(resolve); });
    expect(done).toBeGreaterThan(0);
    expect(done).toBeLessThan(100);
    for (let turn = 0; turn < 400; turn++) await new Promise((resolve) => { setImmediate(resolve); });
    expect(done).toBe(2_000);
  });
});
