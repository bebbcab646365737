import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KubeClient } from '../client/kube-client.ts';
import { WriteTracker } from '../consistency/write-tracker.ts';
import { LeadershipLostError } from '../election/leadership-lost.ts';
import { KubeMetrics } from '../metrics/kube-metrics.ts';
import { formatKey, type ObjectKey } from '../object.ts';
import { fakeRandom } from '../random-fake.ts';
import { configMaps } from '../resources/core.ts';
import { eventually, pause } from '../testing/eventually.ts';
import { configMap, InformerRig } from '../testing/informer-rig.ts';
import { RecordingSink } from '../testing/recording-sink.ts';
import { Controller, type ControllerOptions } from './controller.ts';
import { selfKeys } from './mapping.ts';
import { type Reconcile, TerminalError } from './reconcile.ts';
import { source } from './source.ts';

let rig: InformerRig;
let stop: AbortController;
let sink: RecordingSink;
let logged: [string, object][];
let running: Promise<void>;

beforeEach(async () => {
  rig = await InformerRig.start();
  stop = new AbortController();
  sink = new RecordingSink();
  logged = [];
  running = Promise.resolve();
});

afterEach(async () => {
  stop.abort();
  await running.catch(() => {});
  await rig.close();
});

function controller(reconcile: Reconcile, options: Partial<ControllerOptions> = {}): Controller {
  const log = (level: string) => (fields: object, message: string) => void logged.push([`${level} ${message}`, fields]);
  const made = new Controller({
    name: 'test', reconcile, sources: [source({ informer: rig.informer, keys: selfKeys })], clock: rig.clock, random: fakeRandom(0.5),
    metrics: new KubeMetrics(sink), logger: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') }, ...options,
  });
  running = made.run({ signal: stop.signal });
  return made;
}

async function watching(): Promise<void> {
  void rig.run();
  await eventually('the watch is open', () => rig.api.openWatches === 1);
}

function results(result: string): number {
  return sink.get('controller_runtime_reconcile_total', { controller: 'test', result });
}

describe('Controller', () => {
  it('reconciles what exists, and whatever changes, is added or goes', async () => {
    rig.api.put(configMap('a'));
    const keys: string[] = [];
    controller(async (key) => { keys.push(formatKey(key)); return {}; });
    await watching();
    await eventually('a', () => keys.join() === 'default/a');
    rig.api.put(configMap('b'));
    await eventually('b', () => keys.at(-1) === 'default/b');
    rig.api.remove('default', 'a');
    await eventually('a again', () => keys.length === 3);
    expect(keys[2]).toBe('default/a');
    expect(results('success')).toBe(3);
  });

  it('does nothing before the caches are filled, and fails when they do not fill', async () => {
    const keys: ObjectKey[] = [];
    const made = controller(async (key) => { keys.push(key); return {}; }, { cacheSyncTimeoutMs: 1_000 });
    made.enqueue({ namespace: 'default', name: 'a' });
    const failed = expect(running).rejects.toThrow(/the cache of configmaps did not fill within 1000 ms/);
    await rig.clock.advance(1_000);
    await failed;
    expect(keys).toEqual([]);
  });

  it('never runs one key twice at once, but other keys beside it', async () => {
    const active = new Map<string, number>();
    let most = 0;
    let overlaps = 0;
    const made = controller(async ({ name }) => {
      active.set(name, (active.get(name) ?? 0) + 1);
      if ((active.get(name) ?? 0) > 1) overlaps += 1;
      most = Math.max(most, [...active.values()].reduce((sum, count) => sum + count, 0));
      await pause(5);
      active.set(name, (active.get(name) ?? 0) - 1);
      return {};
    }, { concurrency: 3 });
    await watching();
    for (let round = 0; round < 20; round++) {
      for (const name of ['a', 'b', 'c', 'd']) made.enqueue({ namespace: 'default', name });
      await pause(2);
    }
    await eventually('all are done', () => sink.get('controller_runtime_active_workers', { controller: 'test' }) === 0);
    expect([overlaps, most]).toEqual([0, 3]);
  });

  it('tries again after a failure, later each time, and starts over after a success', async () => {
    const times: number[] = [];
    const made = controller(async () => {
      times.push(rig.clock.monotonic());
      if (times.length <= 3) throw new Error('not yet');
      return {};
    });
    await watching();
    made.enqueue({ namespace: 'default', name: 'a' });
    await eventually('it succeeds', async () => {
      await rig.clock.advance(1);
      return results('success') === 1;
    });
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    for (const [index, least] of [5, 10, 20].entries()) expect(gaps[index]).toBeGreaterThanOrEqual(least);
    expect(results('error')).toBe(3);
    expect(logged.map(([message]) => message)).toEqual(Array.from({ length: 3 }, () => 'error the reconcile failed and is tried again'));
    expect(logged[2]?.[1]).toMatchObject({ controller: 'test', key: 'default/a', failures: 3 });
  });

  it('contains a reconcile that throws before its first await, and leaves a terminal one alone', async () => {
    let calls = 0;
    const made = controller(() => {
      calls += 1;
      throw new TerminalError('never');
    });
    await watching();
    made.enqueue({ namespace: 'default', name: 'a' });
    await eventually('it failed', () => results('error') === 1);
    await rig.clock.advance(60_000);
    await pause(20);
    expect(calls).toBe(1);
    expect(sink.get('controller_runtime_terminal_reconcile_errors_total', { controller: 'test' })).toBe(1);
  });

  it.each<readonly [string, Partial<ControllerOptions>, readonly number[], readonly number[]]>([
    ['the earliest of all, also of what has come to rest', {}, [5_000, 8_000, 0], [0, 1_000, 5_000]],
    ['that of the latest result alone', { waits: 'Latest' }, [5_000, 8_000, 0], [0, 1_000, 9_000]],
    ['none, where the latest result asks for none', { waits: 'Latest' }, [5_000, 0], [0, 1_000]],
  ])('of times to look again that several results ask for it goes by %s', async (_title, options, waits, expected) => {
    const times: number[] = [];
    const begun = rig.clock.monotonic();
    const made = controller(async () => {
      const requeueAfterMs = waits[times.length] ?? 0;
      times.push(rig.clock.monotonic() - begun);
      return requeueAfterMs === 0 ? {} : { requeueAfterMs };
    }, options);
    await watching();
    for (const looks of [1, 2]) {
      made.enqueue({ namespace: 'default', name: 'a' });
      await eventually('it is looked at', () => results('success') + results('requeue_after') === looks);
      await rig.clock.advance(looks === 1 ? 1_000 : 0);
    }
    for (let second = 1; second < 30; second += 1) {
      await rig.clock.advance(1_000);
      await pause(2);
    }
    expect(times).toEqual(expected);
  });

  it('looks again when asked to', async () => {
    let calls = 0;
    const made = controller(async () => { calls += 1; return { requeueAfterMs: 5_000 }; });
    await watching();
    made.enqueue({ namespace: 'default', name: 'a' });
    await eventually('the first', () => results('requeue_after') === 1);
    await rig.clock.advance(4_999);
    await pause(20);
    expect(calls).toBe(1);
    await rig.clock.advance(1);
    await eventually('the second', () => calls === 2);
  });

  it('aborts a reconcile at its deadline', async () => {
    let reason: unknown;
    const made = controller((_key, { signal }) => new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => { reason = signal.reason; reject(new Error('gave up')); });
    }), { reconcileDeadlineMs: 2_000 });
    await watching();
    made.enqueue({ namespace: 'default', name: 'a' });
    await eventually('it runs', () => sink.get('controller_runtime_active_workers', { controller: 'test' }) === 1);
    await rig.clock.advance(2_000);
    await eventually('it failed', () => results('error') === 1);
    expect(String(reason)).toContain('2000 ms');
    expect(sink.get('controller_runtime_reconcile_timeouts_total', { controller: 'test' })).toBe(1);
  });

  it('looks at everything at each resync', async () => {
    rig.api.put(configMap('a'));
    let calls = 0;
    controller(async () => { calls += 1; return {}; }, { resyncMs: 100_000 });
    await watching();
    await eventually('the first', () => calls === 1);
    await rig.clock.advance(100_000);
    await eventually('the resync', () => calls === 2);
  });

  it('lets a predicate drop events, and reconciles both owners when a key moves', async () => {
    const keys: string[] = [];
    const byData = source({
      informer: rig.informer, keys: (object) => [{ namespace: 'default', name: object.data?.['owner'] ?? '' }],
      predicate: (event) => event.object.data?.['quiet'] !== 'yes',
    });
    controller(async ({ name }) => { keys.push(name); return {}; }, { sources: [byData] });
    await watching();
    rig.api.put(configMap('x', { owner: 'one' }));
    await eventually('one', () => keys.join() === 'one');
    rig.api.put(configMap('y', { owner: 'three', quiet: 'yes' }));
    rig.api.put(configMap('x', { owner: 'two' }));
    await eventually('both', () => keys.length === 3);
    expect(keys.toSorted()).toEqual(['one', 'one', 'two']);
  });
});

describe('a controller and its own writes', () => {
  it('does not reconcile on a cache older than them', async () => {
    const writes = new WriteTracker({ clock: rig.clock });
    const client = new KubeClient({ transport: rig.transport, writes });
    const seen: (string | undefined)[] = [];
    const held: (() => void)[] = [];
    const made = controller(async (key) => {
      const cached = rig.informer.store.get(key);
      seen.push(cached?.data?.['n']);
      const next = String(Number(cached?.data?.['n'] ?? 0) + 1);
      if (Number(next) <= 3) await client.apply(configMaps, configMap('a', { n: next }), { fieldManager: 'test', conflicts: 'force' }, { signal: stop.signal });
      return {};
    }, { writes });
    await watching();
    // Holds back all events, so that the cache stays behind the writes.
    const deliver = rig.api.sendRaw.bind(rig.api);
    rig.api.holdEvents((line) => held.push(() => deliver(line)));
    made.enqueue({ namespace: 'default', name: 'a' });
    await eventually('the first write', () => held.length === 1);
    for (let turn = 0; turn < 5; turn++) {
      made.enqueue({ namespace: 'default', name: 'a' });
      await rig.clock.advance(20);
      await pause(5);
    }
    expect(seen).toEqual([undefined]);
    expect(sink.get('kube_stale_cache_requeues_total', { controller: 'test', result: 'waiting' })).toBeGreaterThan(2);
    await eventually('it goes on, one step for each event', async () => {
      held.shift()?.();
      await rig.clock.advance(20);
      return seen.includes('3');
    });
    // The last one may come twice: for the event, and for having been put off.
    expect(seen.slice(0, 4)).toEqual([undefined, '1', '2', '3']);
  });

  it('goes on after 30 s when an event never comes, and says so', async () => {
    const writes = new WriteTracker({ clock: rig.clock });
    let calls = 0;
    const made = controller(async () => { calls += 1; return {}; }, { writes });
    await watching();
    writes.wrote(configMaps, { ...configMap('a'), metadata: { name: 'a', namespace: 'default', resourceVersion: '999' } });
    made.enqueue({ namespace: 'default', name: 'a' });
    await eventually('it is put off', () => sink.get('kube_stale_cache_requeues_total', { controller: 'test', result: 'waiting' }) === 1);
    expect(calls).toBe(0);
    // Half a second at most until it is looked at again.
    await rig.clock.advance(30_500);
    await eventually('it goes on', () => calls === 1);
    expect(logged.map(([message]) => message)).toContain('warn own writes were not seen in the cache in time; going on without');
  });
});

describe('stop', () => {
  it('takes no more keys and lets the running reconcile end', async () => {
    let finish = () => {};
    const done: string[] = [];
    const made = controller(async ({ name }) => {
      await new Promise<void>((resolve) => { finish = resolve; });
      done.push(name);
      return {};
    });
    await watching();
    made.enqueue({ namespace: 'default', name: 'a' });
    made.enqueue({ namespace: 'default', name: 'b' });
    await eventually('a runs', () => sink.get('controller_runtime_active_workers', { controller: 'test' }) === 1);
    stop.abort();
    finish();
    await running;
    expect(done).toEqual(['a']);
  });

  it('aborts what does not end in time, and leaves behind what ignores even that', async () => {
    let aborted = false;
    const made = controller((_key, { signal }) => new Promise(() => { signal.addEventListener('abort', () => { aborted = true; }); }), { drainMs: 1_000, reconcileDeadlineMs: 600_000 });
    await watching();
    made.enqueue({ namespace: 'default', name: 'a' });
    await eventually('a runs', () => sink.get('controller_runtime_active_workers', { controller: 'test' }) === 1);
    stop.abort();
    await rig.clock.advance(999);
    expect(aborted).toBe(false);
    await rig.clock.advance(1);
    expect(aborted).toBe(true);
    await rig.clock.advance(5_000);
    await running;
    expect(logged.at(-1)?.[0]).toBe('error reconciles ignore their signal; leaving them behind');
  });

  it('takes 20 s at the most by default, so that a pod has time left of its 30', async () => {
    const made = controller(() => new Promise(() => {}), { reconcileDeadlineMs: 600_000 });
    await watching();
    made.enqueue({ namespace: 'default', name: 'a' });
    await eventually('a runs', () => sink.get('controller_runtime_active_workers', { controller: 'test' }) === 1);
    let ended = false;
    void running.finally(() => { ended = true; });
    stop.abort();
    await rig.clock.advance(19_999);
    expect(ended).toBe(false);
    await rig.clock.advance(1);
    await running;
    expect(logged.at(-1)?.[0]).toBe('error reconciles ignore their signal; leaving them behind');
  });

  it('for a lost lease aborts at once', async () => {
    let aborted = false;
    const made = controller((_key, { signal }) => new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => { aborted = true; reject(new Error('stopped')); });
    }));
    await watching();
    made.enqueue({ namespace: 'default', name: 'a' });
    await eventually('a runs', () => sink.get('controller_runtime_active_workers', { controller: 'test' }) === 1);
    stop.abort(new LeadershipLostError('lost'));
    await running;
    expect(aborted).toBe(true);
  });

  it('leaves neither timers nor handlers, and allows no second run', async () => {
    const made = controller(async () => ({ requeueAfterMs: 1_000 }));
    await watching();
    rig.api.put(configMap('a'));
    await eventually('a', () => results('requeue_after') === 1);
    stop.abort();
    await running;
    const before = sink.get('workqueue_adds_total', { name: 'test', controller: 'test' });
    rig.api.put(configMap('b'));
    await eventually('b is cached', () => rig.informer.store.size === 2);
    expect(sink.get('workqueue_adds_total', { name: 'test', controller: 'test' })).toBe(before);
    // Only the stall guard of the watch is left.
    expect(rig.clock.pendingTimers).toBe(1);
    await expect(made.run({ signal: stop.signal })).rejects.toThrow(/started before/);
  });
});
