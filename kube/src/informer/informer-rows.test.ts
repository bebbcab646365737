import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { KubeClient } from '../client/kube-client.ts';
import type { ConfigMap } from '../resources/core.ts';
import { eventually, pause } from '../testing/eventually.ts';
import { configMap, InformerRig } from '../testing/informer-rig.ts';
import { answer, status } from '../testing/scripted-server.ts';
import { Informer } from './informer.ts';

// What is broken elsewhere, each with its reproduction as a test here. A: @dot-i/k8s-operator 1.3.9; B: @kubernetes/client-node 1.4.0 and 2.0.1.

let rig: InformerRig;

async function restart(options: Parameters<typeof InformerRig.start>[0]): Promise<void> {
  await rig.close();
  rig = await InformerRig.start(options);
}

beforeEach(async () => {
  rig = await InformerRig.start({ listMode: 'streaming' });
});

afterEach(() => rig.close());

/** Nothing may open, stay open or fire once a run has ended. */
async function nothingMore(running: Promise<void>): Promise<void> {
  rig.stop.abort();
  await running;
  const before = rig.api.server.requests.length;
  await rig.clock.advance(600_000);
  await pause();
  await eventually('no watch is open', () => rig.api.openWatches === 0);
  expect([rig.api.server.requests.length, rig.clock.pendingTimers]).toEqual([before, 0]);
}

describe('A.2', () => {
  it('row A.2/stop-on-a-healthy-watch resolves cleanly and ends no process', async () => {
    const exit = vi.spyOn(process, 'exit').mockImplementation(() => { throw new Error('process.exit was called'); });
    const running = rig.run();
    await rig.synced();
    await rig.watching();
    await nothingMore(running);
    expect(exit).not.toHaveBeenCalled();
    exit.mockRestore();
  });

  it('row A.2/stop-after-a-closed-watch opens nothing more', async () => {
    const running = rig.run();
    await rig.watching();
    rig.api.endWatches();
    await eventually('it waits before the next', () => rig.clock.pendingTimers === 1 && rig.api.openWatches === 0);
    await nothingMore(running);
  });

  it('row A.2/error-event is no uncaught exception: 410 lists again, deletions included', async () => {
    rig.api.put(configMap('kept'));
    rig.api.put(configMap('gone'));
    void rig.run();
    await rig.synced();
    rig.api.holdEvents(() => {});
    rig.api.remove('default', 'gone');
    rig.sendError(410, 'Expired');
    await rig.advanceUntil('it has caught up', () => rig.names().join() === 'kept');
    expect(rig.heard).toEqual(['initial add gone', 'initial add kept', 'delete gone']);
  });

  it('row A.2/tcp-reset reconnects by itself', async () => {
    void rig.run();
    await rig.watching();
    rig.api.server.reset();
    rig.api.put(configMap('after'));
    await rig.advanceUntil('the change arrives', () => rig.informer.store.size === 1);
    expect(rig.heard).toEqual(['live add after']);
  });

  it('row A.2/re-watch goes on from the last version: no handler runs for what did not change', async () => {
    for (let index = 0; index < 5; index++) rig.api.put(configMap(`c${index}`));
    void rig.run();
    await rig.synced();
    for (let round = 2; round <= 6; round++) {
      await rig.clock.advance(15_000);
      rig.api.endWatches();
      await rig.watching(round);
    }
    expect(rig.heard).toHaveLength(5);
    const versions = rig.api.server.requests.slice(1).map((request) => request.query.get('resourceVersion'));
    expect(versions).toEqual(['105', '105', '105', '105', '105']);
  });

  it('row A.2/silent-drop is found in bounded time', async () => {
    void rig.run();
    await rig.watching();
    await rig.clock.advance(151_000);
    await rig.watching(2);
    expect(rig.errors).toMatchObject([{ reason: 'Stalled' }]);
  });

  it('row A.2/two-namespaces of one kind stop on their own', async () => {
    await restart({ listMode: 'streaming', namespace: 'one' });
    const other = new Informer<ConfigMap>({ client: new KubeClient({ transport: rig.transport }), type: rig.informer.type, namespace: 'two', clock: rig.clock });
    const stopOther = new AbortController();
    const running = rig.run();
    const otherRunning = other.run({ signal: stopOther.signal });
    await eventually('both are open', () => rig.api.openWatches === 2);
    rig.stop.abort();
    await running;
    await eventually('one is closed', () => rig.api.openWatches === 1);
    rig.api.put(configMap('b', {}, 'two'));
    await eventually('the other goes on', () => other.store.size === 1);
    stopOther.abort();
    await otherRunning;
    await eventually('both are closed', () => rig.api.openWatches === 0);
    expect(rig.informer.store.size).toBe(0);
  });
});

describe('A.3', () => {
  it('row A.3/quiet-watch lives on past 30 s, with bookmarks for as long as the server likes', async () => {
    void rig.run();
    await rig.watching();
    await rig.clock.advance(59_000);
    for (let minute = 0; minute < 5; minute++) {
      rig.api.bookmark();
      await eventually('the bookmark is read', () => rig.informer.store.resourceVersion === rig.api.version);
      await rig.clock.advance(60_000);
    }
    expect([rig.api.server.requests.length, rig.errors]).toEqual([1, []]);
  });
});

describe('B.1', () => {
  it('row B.1/clean-close is no hot loop: a handful of watches in 8 s, not hundreds', async () => {
    rig.api.fault = (request, response) => {
      if (!request.query.has('watch') || request.query.has('sendInitialEvents')) return 'pass';
      response.writeHead(200).end();
      return 'handled';
    };
    void rig.run();
    await rig.watching();
    rig.api.endWatches();
    for (let tenth = 0; tenth < 80; tenth++) {
      await rig.clock.advance(100);
      await pause(2);
    }
    expect(rig.api.count('watch')).toBeLessThanOrEqual(5);
  });
});

describe('B.2', () => {
  it.each([['listing', () => 'handled' as const], ['backoff', undefined]])('row B.2/stop-while-%s leaks nothing', async (_name, fault) => {
    rig.api.fault = fault ?? ((_request, response) => {
      answer(response, 500, status(500, 'InternalError', 'no'));
      return 'handled';
    });
    const running = rig.run();
    await eventually('it is asked for', () => rig.api.server.requests.length === 1 && (fault !== undefined || rig.clock.pendingTimers === 1));
    await nothingMore(running);
    expect(rig.informer.synced).toBe(false);
  });

  it('row B.2/start-twice is refused and opens no second watch', async () => {
    const running = rig.run();
    await expect(rig.informer.run({ signal: rig.stop.signal })).rejects.toThrow(/is running already/);
    await rig.watching();
    await pause();
    expect([rig.api.openWatches, rig.api.server.requests.length]).toEqual([1, 1]);
    await nothingMore(running);
  });

  it('row B.2/list-failure leaves whenSynced waiting, and it is honest after a restart too', async () => {
    let serve: 'no' | 'yes' = 'no';
    rig.api.fault = (_request, response) => {
      if (serve === 'yes') return 'pass';
      answer(response, 500, status(500, 'InternalError', 'no'));
      return 'handled';
    };
    const first = new AbortController();
    const running = rig.informer.run({ signal: first.signal });
    let answered: 'no' | 'yes' = 'no';
    void (async () => {
      await rig.synced();
      answered = 'yes';
    })();
    await rig.advanceUntil('it failed some times', () => rig.errors.length >= 3);
    expect([answered, rig.informer.synced]).toEqual(['no', false]);
    serve = 'yes';
    await rig.advanceUntil('synced', () => answered === 'yes');
    first.abort();
    await running;
    serve = 'no';
    void rig.run();
    expect(rig.informer.synced).toBe(false);
  });

  it('row B.2/throwing-handler is contained and told, and the version moves on', async () => {
    rig.informer.addHandler({ onAdd: () => { throw new Error('handler boom'); } });
    void rig.run();
    await rig.watching();
    rig.api.put(configMap('a'));
    await eventually('a arrives', () => rig.informer.store.size === 1);
    expect(rig.errors.map((error) => (error.cause as Error).message)).toEqual(['handler boom']);
    expect(rig.informer.store.resourceVersion).toBe('101');
  });

  it.each(['streaming', 'paging'] as const)('row B.2/creation-timestamp is the same text from a list (%s) and a watch', async (listMode) => {
    await restart({ listMode });
    const stamped = (name: string): ConfigMap => ({ ...configMap(name), metadata: { name, namespace: 'default', creationTimestamp: '2026-01-01T00:00:00Z' } });
    rig.api.put(stamped('listed'));
    void rig.run();
    await rig.synced();
    await rig.watching();
    rig.api.put(stamped('watched'));
    await eventually('both are here', () => rig.informer.store.size === 2);
    expect(rig.informer.store.list().map((object) => object.metadata.creationTimestamp)).toEqual(['2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z']);
  });

  it('row B.2/bookmarks are asked for by every watch', async () => {
    void rig.run();
    await rig.watching();
    await rig.clock.advance(20_000);
    rig.api.endWatches();
    await rig.watching(2);
    expect(rig.api.server.requests.map((request) => request.query.get('allowWatchBookmarks'))).toEqual(['true', 'true']);
  });

  it.each([[429, 'TooManyRequests'], [500, 'InternalError'], [504, 'Timeout']])('row B.2/error-event %i ends the stream at once and is followed after a pause', async (code, reason) => {
    void rig.run();
    await rig.watching();
    rig.sendError(code, reason);
    await eventually('the stream is given up', () => rig.api.openWatches === 0 && rig.errors.length === 1);
    expect(rig.api.count('watch')).toBe(1);
    await rig.advanceUntil('the next watch', () => rig.api.openWatches === 1);
    expect(rig.errors).toMatchObject([{ code, reason }]);
  });
});

describe('B.3', () => {
  it('row B.3/handler-rejections are told and end no process', async () => {
    // As plain JavaScript, or a loose configuration, lets it happen.
    const handler = { onAdd: (): unknown => Promise.reject(new TypeError('async')) };
    rig.informer.addHandler(handler);
    void rig.run();
    await rig.watching();
    rig.api.put(configMap('a'));
    await eventually('it is told', () => rig.errors.length === 1);
    expect(rig.errors[0]?.message).toBe("a handler failed on 'added' of default/a");
  });

  it('row B.3/handler-errors of a watch are never swallowed', async () => {
    const removeHandler = rig.informer.addHandler({ onUpdate: () => { throw new TypeError('sync'); }, onDelete: () => { throw new TypeError('sync'); } });
    void rig.run();
    await rig.watching();
    rig.api.put(configMap('a', { v: '1' }));
    rig.api.put(configMap('a', { v: '2' }));
    rig.api.remove('default', 'a');
    await eventually('all is heard', () => rig.heard.length === 3);
    removeHandler();
    expect(rig.errors.map((error) => error.message)).toEqual(["a handler failed on 'updated' of default/a", "a handler failed on 'deleted' of default/a"]);
  });
});
