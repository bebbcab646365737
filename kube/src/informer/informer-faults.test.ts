import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KubeError } from '../kube-error.ts';
import { eventually, pause } from '../testing/eventually.ts';
import { configMap, InformerRig } from '../testing/informer-rig.ts';
import { answer, status } from '../testing/scripted-server.ts';

let rig: InformerRig;

beforeEach(async () => {
  rig = await InformerRig.start();
});

afterEach(() => rig.close());

describe('a broken watch', () => {
  it('is opened again from the last version after a reset, without a list, missing nothing', async () => {
    void rig.run();
    await rig.watching();
    rig.api.put(configMap('a', { v: '1' }));
    await eventually('a arrives', () => rig.informer.store.size === 1);
    rig.api.server.reset();
    await eventually('the reset is noticed', () => rig.errors.length === 1);
    rig.api.put(configMap('b'));
    await rig.advanceUntil('b arrives', () => rig.informer.store.size === 2);
    expect(rig.api.count('list')).toBe(1);
    expect(rig.heard).toEqual(['live add a', 'live add b']);
  });

  it('is opened again at once after a long and clean life', async () => {
    void rig.run();
    await rig.watching();
    await rig.clock.advance(140_000);
    rig.api.endWatches();
    await rig.watching(2);
    expect([rig.errors.length, rig.api.count('list')]).toEqual([0, 1]);
  });

  it('that ends cleanly as soon as it opens does not make a hot loop', async () => {
    rig.api.fault = (request, response) => {
      if (!request.query.has('watch')) return 'pass';
      response.writeHead(200).end();
      return 'handled';
    };
    void rig.run();
    await eventually('the first watch', () => rig.api.count('watch') === 1);
    for (let second = 0; second < 60; second++) {
      await rig.clock.advance(1_000);
      await pause(5);
    }
    // 0.8 + 1.6 + 3.2 + ... s: six fit into a minute.
    expect(rig.api.count('watch')).toBeLessThanOrEqual(7);
    expect(rig.api.count('watch')).toBeGreaterThanOrEqual(4);
  });

  it('that falls silent is given up after 150 s and opened again at once from the last version', async () => {
    void rig.run();
    await rig.watching();
    rig.api.put(configMap('a'));
    await eventually('a arrives', () => rig.informer.store.size === 1);
    await rig.clock.advance(149_000);
    expect(rig.api.count('watch')).toBe(1);
    await rig.clock.advance(2_000);
    await rig.watching(2);
    const [, second] = rig.api.server.requests.filter((request) => request.query.has('watch'));
    expect(second?.query.get('resourceVersion')).toBe('101');
    expect(rig.errors.map((error) => (error as KubeError).reason)).toEqual(['Stalled']);
  });

  it('is kept alive by bookmarks, which also move the version on', async () => {
    void rig.run();
    await rig.watching();
    for (let minute = 0; minute < 4; minute++) {
      await rig.clock.advance(60_000);
      rig.api.bookmark();
      await eventually('the bookmark is read', () => rig.informer.store.resourceVersion === rig.api.version);
    }
    expect(rig.api.count('watch')).toBe(1);
    rig.api.endWatches();
    await rig.watching(2);
    expect(rig.api.server.requests.at(-1)?.query.get('resourceVersion')).toBe('104');
    expect(rig.errors).toEqual([]);
  });

  it('whose last event is cut off is read again', async () => {
    void rig.run();
    await rig.watching();
    rig.api.sendRaw('{"type":"ADDED","object":{"metadata":{"na');
    rig.api.endWatches();
    rig.api.put(configMap('a'));
    await rig.advanceUntil('a arrives', () => rig.informer.store.size === 1);
    expect(rig.errors).toEqual([]);
  });
});

describe('410', () => {
  it('leads to a new list that finds what was deleted meanwhile', async () => {
    rig.api.put(configMap('gone'));
    void rig.run();
    await rig.watching();
    await rig.clock.advance(20_000);
    rig.api.fault = (request) => (request.query.has('watch') ? 'handled' : 'pass');
    rig.api.endWatches();
    await eventually('a watch hangs', () => rig.api.count('watch') === 2);
    rig.api.remove('default', 'gone');
    rig.api.put(configMap('new'));
    rig.api.compact();
    rig.api.fault = () => 'pass';
    rig.api.server.reset();
    await rig.advanceUntil('it has caught up', () => rig.names().join() === 'new');
    expect(rig.heard).toEqual(['initial add gone', 'delete gone', 'live add new']);
    expect(rig.api.count('list')).toBe(2);
  });

  it('between pages of a list leads to a list in one piece', async () => {
    await rig.close();
    rig = await InformerRig.start({ pageSize: 1 });
    for (const name of ['a', 'b', 'c']) rig.api.put(configMap(name));
    rig.api.fault = (request, response) => {
      if (!request.query.has('continue')) return 'pass';
      answer(response, 410, status(410, 'Expired', 'the continue token is too old'));
      return 'handled';
    };
    void rig.run();
    await rig.synced();
    expect(rig.names()).toEqual(['a', 'b', 'c']);
    expect(rig.api.server.requests.filter((request) => !request.query.has('watch')).map((request) => request.query.get('limit'))).toEqual(['1', '1', null]);
  });
});

describe('ERROR events', () => {
  it('410 leads to a list, told nobody as an error', async () => {
    void rig.run();
    await rig.watching();
    rig.sendError(410, 'Expired');
    await rig.advanceUntil('a second list', () => rig.api.count('list') === 2);
    expect(rig.errors).toEqual([]);
  });

  it.each([[429, 'TooManyRequests'], [500, 'InternalError'], [504, 'Timeout']])('%i leads to a new watch from the last version, no list', async (code, reason) => {
    void rig.run();
    await rig.watching();
    rig.sendError(code, reason);
    await rig.advanceUntil('a second watch', () => rig.api.count('watch') === 2);
    expect(rig.api.count('list')).toBe(1);
    expect(rig.errors).toMatchObject([{ code, reason }]);
  });

  it('wait as long as the server asks', async () => {
    void rig.run();
    await rig.watching();
    rig.sendError(429, 'TooManyRequests', { details: { retryAfterSeconds: 20 } });
    await eventually('it is noticed', () => rig.errors.length === 1);
    await rig.clock.advance(19_000);
    await pause(20);
    expect(rig.api.count('watch')).toBe(1);
    await rig.clock.advance(1_500);
    await rig.watching(2);
  });

  it('wait a minute at most, whatever the server asks', async () => {
    void rig.run();
    await rig.watching();
    rig.sendError(429, 'TooManyRequests', { details: { retryAfterSeconds: 315_360_000 } });
    await eventually('it is noticed', () => rig.errors.length === 1);
    await rig.clock.advance(60_500);
    await rig.watching(2);
  });

  it('five in a row lead to a list, as the version may be one the server never had', async () => {
    rig.api.fault = (request, response) => {
      if (!request.query.has('watch')) return 'pass';
      response.writeHead(200).end(`${JSON.stringify({ type: 'ERROR', object: status(504, 'Timeout', 'Too large resource version') })}\n`);
      return 'handled';
    };
    void rig.run();
    await rig.advanceUntil('a second list', () => rig.api.count('list') === 2, 2_000);
    const kinds = rig.api.server.requests.map((request) => (request.query.has('watch') ? 'watch' : 'list'));
    expect(kinds.indexOf('list', 1)).toBe(6);
  });
});

describe('a malformed event', () => {
  it('is skipped and reported while the watch goes on', async () => {
    void rig.run();
    await rig.watching();
    rig.api.sendRaw('{"type":"ADDED","object":{"metadata":{}}}\n{"type":"ADDED","object":null}\n{"type":"WHAT","object":{}}\nnull\n');
    rig.api.put(configMap('a'));
    await eventually('a arrives', () => rig.informer.store.size === 1);
    expect(rig.errors.map((error) => (error as KubeError).reason)).toEqual(['Malformed', 'Malformed', 'Malformed', 'Malformed']);
    expect(rig.api.count('watch')).toBe(1);
  });

  it('that is not even JSON leads to a list, as only that can tell what it said', async () => {
    void rig.run();
    await rig.watching();
    rig.api.sendRaw('{"type":"ADDED","obj\n');
    await rig.advanceUntil('a second list', () => rig.api.count('list') === 2);
    expect(rig.errors).toMatchObject([{ reason: 'Malformed' }]);
  });

  it('in a list is skipped and reported', async () => {
    rig.api.fault = (request, response) => {
      if (request.query.has('watch')) return 'pass';
      answer(response, 200, { items: [{ metadata: {} }, { metadata: { name: 'a', namespace: 'default', resourceVersion: '1' } }], metadata: { resourceVersion: '100' } });
      return 'handled';
    };
    void rig.run();
    await rig.synced();
    expect(rig.names()).toEqual(['a']);
    expect(rig.errors).toHaveLength(1);
  });
});

describe('a failing list', () => {
  it('is tried again with growing, jittered delays, and nothing is synced meanwhile', async () => {
    rig.api.fault = (_request, response) => {
      answer(response, 403, status(403, 'Forbidden', 'configmaps is forbidden'));
      return 'handled';
    };
    void rig.run();
    await eventually('the first failure', () => rig.errors.length === 1);
    expect(rig.informer.synced).toBe(false);
    await rig.clock.advance(799);
    expect(rig.api.count('list')).toBe(1);
    await rig.advanceUntil('the second failure', () => rig.errors.length === 2, 1);
    await rig.advanceUntil('the third failure', () => rig.errors.length === 3, 100);
    rig.api.fault = () => 'pass';
    await rig.advanceUntil('synced', () => rig.informer.synced);
  });
});

describe('a handler that throws', () => {
  it('is reported; the cache, the watch and the other handlers go on', async () => {
    rig.informer.addHandler({ onAdd: () => { throw new Error('bad handler'); } });
    const after: string[] = [];
    rig.informer.addHandler({ onAdd: (object) => after.push(object.metadata.name) });
    void rig.run();
    await rig.watching();
    rig.api.put(configMap('a'));
    rig.api.put(configMap('b'));
    await eventually('both arrive', () => after.length === 2);
    expect(rig.errors.map((error) => error.message)).toEqual(["a handler failed on 'added' of default/a", "a handler failed on 'added' of default/b"]);
    expect(rig.api.count('watch')).toBe(1);
  });

  it('as an error hook does not stop anything either', async () => {
    await rig.close();
    rig = await InformerRig.start({ onError: () => { throw new Error('bad hook'); } });
    void rig.run();
    await rig.watching();
    rig.api.sendRaw('{"type":"ADDED","object":{}}\n');
    rig.api.put(configMap('a'));
    await eventually('a arrives', () => rig.informer.store.size === 1);
    expect(rig.api.count('watch')).toBe(1);
  });
});

describe('duplicated and late events', () => {
  it('change nothing', async () => {
    void rig.run();
    await rig.watching();
    const first = rig.api.put(configMap('a', { v: '1' }));
    const second = rig.api.put(configMap('a', { v: '2' }));
    for (const object of [second, first]) rig.api.sendRaw(`${JSON.stringify({ type: 'MODIFIED', object })}\n`);
    rig.api.put(configMap('end'));
    await eventually('the end arrives', () => rig.informer.store.size === 2);
    expect(rig.heard).toEqual(['live add a', 'update a 1->2', 'live add end']);
  });
});
