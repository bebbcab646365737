import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KubeMetrics } from '../metrics/kube-metrics.ts';
import { eventually, pause } from '../testing/eventually.ts';
import { configMap, InformerRig } from '../testing/informer-rig.ts';
import { RecordingSink } from '../testing/recording-sink.ts';
import { answer, status } from '../testing/scripted-server.ts';

let rig: InformerRig;
let sink: RecordingSink;

beforeEach(async () => {
  sink = new RecordingSink();
  rig = await InformerRig.start({ listMode: 'streaming', metrics: new KubeMetrics(sink) });
});

afterEach(() => rig.close());

function streams(): number {
  return rig.api.server.requests.filter((request) => request.query.has('sendInitialEvents')).length;
}

function lists(mode: string, result: string): number {
  return sink.get('kube_informer_lists_total', { resource: 'configmaps', result, mode });
}

/** Lets the server begin the initial events and then do as `then` says, for the first `times` streaming lists. */
function breakStreams(times: number, then: (end: () => void) => void): void {
  let left = times;
  rig.api.fault = (request, response) => {
    if (!request.query.has('sendInitialEvents') || left === 0) return 'pass';
    left -= 1;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write(`${JSON.stringify({ type: 'ADDED', object: { ...configMap('half'), metadata: { name: 'half', namespace: 'default', resourceVersion: '99' } } })}\n`, () => then(() => response.end()));
    return 'handled';
  };
}

describe('a streaming list', () => {
  it('is one request that goes on as the watch', async () => {
    for (const name of ['a', 'b']) rig.api.put(configMap(name, { v: '1' }));
    void rig.run();
    await rig.synced();
    expect(rig.names()).toEqual(['a', 'b']);
    rig.api.put(configMap('c'));
    rig.api.remove('default', 'a');
    await eventually('changes arrive', () => rig.heard.length === 4);
    expect(rig.heard).toEqual(['initial add a', 'initial add b', 'live add c', 'delete a']);
    expect(rig.api.server.requests).toHaveLength(1);
    expect(Object.fromEntries(rig.api.server.requests[0]!.query)).toEqual({
      watch: 'true', allowWatchBookmarks: 'true', sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan', timeoutSeconds: '360',
    });
    expect([lists('streaming', 'success'), lists('paging', 'success')]).toEqual([1, 0]);
  });

  it('is resumed as a plain watch from where it was', async () => {
    rig.api.put(configMap('a'));
    void rig.run();
    await rig.synced();
    await rig.clock.advance(20_000);
    rig.api.endWatches();
    await eventually('a watch is open', () => rig.api.openWatches === 1 && rig.api.count('watch') === 2);
    const again = rig.api.server.requests[1]?.query;
    expect([again?.get('resourceVersion'), again?.has('sendInitialEvents')]).toEqual(['101', false]);
  });

  it('caches what happens to objects before its end', async () => {
    rig.api.streamingLists = 'ignored';
    rig.api.put(configMap('a', { v: '1' }));
    rig.api.put(configMap('b', { v: '1' }));
    void rig.run();
    await eventually('the stream is open', () => rig.api.openWatches === 1);
    rig.api.put(configMap('a', { v: '2' }));
    rig.api.remove('default', 'b');
    await pause();
    expect([rig.informer.synced, rig.informer.store.size]).toEqual([false, 0]);
    rig.api.sendRaw(`${JSON.stringify({ type: 'BOOKMARK', object: { metadata: { resourceVersion: rig.api.version, annotations: { 'k8s.io/initial-events-end': 'true' } } } })}\n`);
    await rig.synced();
    expect(rig.informer.store.list().map((object) => object.data?.['v'])).toEqual(['2']);
  });
});

describe('a server that does not stream lists', () => {
  it.each([[422, 'Invalid'], [400, 'BadRequest']])('and says so with %i is listed by pages at once, and not asked again', async (code, reason) => {
    rig.api.fault = (request, response) => {
      if (!request.query.has('sendInitialEvents')) return 'pass';
      answer(response, code, status(code, reason, 'sendInitialEvents: Forbidden'));
      return 'handled';
    };
    rig.api.put(configMap('a'));
    void rig.run();
    await rig.synced();
    await eventually('the watch is open', () => rig.api.openWatches === 1);
    rig.sendError(410, 'Expired');
    await rig.advanceUntil('a second list', () => rig.api.count('list') === 2);
    expect(streams()).toBe(1);
    expect(rig.errors).toEqual([]);
  });

  it('but ignores the wish is found by its silence, twice in a row', async () => {
    rig.api.streamingLists = 'ignored';
    rig.api.put(configMap('a'));
    void rig.run();
    for (const silences of [1, 2]) {
      await rig.advanceUntil(`stream ${silences} is open`, () => streams() === silences && rig.api.openWatches === 1, 100);
      await rig.clock.advance(28_000);
      expect([lists('streaming', 'error'), rig.api.count('list'), rig.informer.synced]).toEqual([silences - 1, 0, false]);
      await rig.clock.advance(2_500);
    }
    await rig.synced();
    expect([rig.api.count('list'), rig.names(), streams()]).toEqual([1, ['a'], 2]);
  });

  it('but ignores the wish is found by its first plain bookmark', async () => {
    rig.api.streamingLists = 'ignored';
    void rig.run();
    await eventually('the stream is open', () => rig.api.openWatches === 1);
    rig.api.bookmark();
    await rig.synced();
    expect(rig.api.count('list')).toBe(1);
  });
});

describe('a streaming list that breaks', () => {
  it('begins anew, and readers keep the former content until the new one is complete', async () => {
    rig.api.put(configMap('old'));
    void rig.run();
    await rig.synced();
    await rig.clock.advance(20_000);
    breakStreams(1, (end) => setTimeout(end, 30));
    rig.api.put(configMap('new'));
    await eventually('it arrives', () => rig.informer.store.size === 2);
    rig.sendError(410, 'Expired');
    await eventually('the broken list', () => lists('streaming', 'error') === 1);
    expect(rig.names()).toEqual(['new', 'old']);
    rig.api.remove('default', 'old');
    await rig.advanceUntil('it has caught up', () => rig.names().join() === 'new');
    expect(rig.heard).toEqual(['initial add old', 'live add new', 'delete old']);
    expect([lists('streaming', 'success'), lists('paging', 'success')]).toEqual([2, 0]);
  });

  it('by falling silent once is streamed again, not paged for an hour', async () => {
    rig.api.put(configMap('a'));
    breakStreams(1, () => {});
    void rig.run();
    await eventually('the stream is open', () => streams() === 1);
    await pause();
    await rig.clock.advance(30_500);
    await rig.advanceUntil('synced', () => rig.informer.synced, 100);
    expect([lists('streaming', 'error'), lists('streaming', 'success'), rig.api.count('list'), rig.names()]).toEqual([1, 1, 0, ['a']]);
    expect(rig.errors).toMatchObject([{ reason: 'Stalled' }]);
  });

  it('by a stop in the middle leaves nothing behind', async () => {
    rig.api.streamingLists = 'ignored';
    rig.api.put(configMap('a'));
    const running = rig.run();
    await eventually('the stream is open', () => rig.api.openWatches === 1);
    await pause();
    rig.stop.abort();
    await running;
    await eventually('it is closed', () => rig.api.openWatches === 0);
    await rig.clock.advance(600_000);
    await pause();
    expect([rig.informer.store.size, rig.informer.synced, rig.api.server.requests.length, rig.clock.pendingTimers]).toEqual([0, false, 1, 0]);
  });

  it('twice in a row gives way to pages, with pauses between', async () => {
    rig.api.put(configMap('a'));
    breakStreams(5, () => rig.api.server.reset());
    void rig.run();
    await rig.advanceUntil('synced', () => rig.informer.synced, 100);
    expect([lists('streaming', 'error'), lists('paging', 'success'), rig.names()]).toEqual([2, 1, ['a']]);
  });

  it('by an object that cannot be cached does not break: it is skipped and told', async () => {
    rig.api.streamingLists = 'ignored';
    void rig.run();
    await eventually('the stream is open', () => rig.api.openWatches === 1);
    rig.api.sendRaw('{"type":"ADDED","object":{"metadata":{}}}\n');
    rig.api.sendRaw(`${JSON.stringify({ type: 'BOOKMARK', object: { metadata: { resourceVersion: '100', annotations: { 'k8s.io/initial-events-end': 'true' } } } })}\n`);
    await rig.synced();
    expect(rig.errors).toMatchObject([{ reason: 'Malformed' }]);
    expect(rig.api.server.requests).toHaveLength(1);
  });
});

describe('a list that is older than the cache', () => {
  function serveVersion(version: string): void {
    rig.api.fault = (request, response) => {
      if (request.query.has('watch') && !request.query.has('sendInitialEvents')) return 'pass';
      if (request.query.has('sendInitialEvents')) {
        response.writeHead(200);
        response.write(`${JSON.stringify({ type: 'BOOKMARK', object: { metadata: { resourceVersion: version, annotations: { 'k8s.io/initial-events-end': 'true' } } } })}\n`);
        return 'handled';
      }
      answer(response, 200, { items: [], metadata: { resourceVersion: version } });
      return 'handled';
    };
  }

  beforeEach(async () => {
    rig.api.put(configMap('a'));
    void rig.run();
    await rig.synced();
  });

  it('is not believed alone', async () => {
    serveVersion('50');
    rig.sendError(410, 'Expired');
    await rig.advanceUntil('the old list is told', () => rig.errors.some((error) => error.message.includes('is of version 50, older than 101')), 100);
    expect(rig.names()).toEqual(['a']);
    rig.api.fault = () => 'pass';
    await rig.advanceUntil('a list by pages agrees with the cache', () => lists('paging', 'success') === 1);
    expect([rig.names(), rig.informer.store.resourceVersion]).toEqual([['a'], '101']);
  });

  it('is believed when a second one agrees, as after a restored backup', async () => {
    serveVersion('50');
    rig.sendError(410, 'Expired');
    await rig.advanceUntil('the restored state is taken over', () => rig.informer.store.resourceVersion === '50');
    expect([rig.names(), rig.heard.at(-1)]).toEqual([[], 'delete a']);
  });
});
