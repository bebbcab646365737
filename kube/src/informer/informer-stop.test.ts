import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually, pause } from '../testing/eventually.ts';
import { configMap, InformerRig } from '../testing/informer-rig.ts';
import { answer, status } from '../testing/scripted-server.ts';

let rig: InformerRig;

beforeEach(async () => {
  rig = await InformerRig.start();
});

afterEach(() => rig.close());

/** Ends the run and lets much time pass: nothing may open, stay open or fire. */
async function stopped(running: Promise<void>): Promise<void> {
  const before = rig.api.server.requests.length;
  rig.stop.abort();
  await running;
  await rig.clock.advance(600_000);
  await pause();
  expect(rig.api.openWatches).toBe(0);
  expect(rig.api.server.requests.length).toBe(before);
  expect(rig.clock.pendingTimers).toBe(0);
}

describe('stop', () => {
  it('during a healthy watch closes it', async () => {
    const running = rig.run();
    await eventually('the watch is open', () => rig.api.openWatches === 1);
    await stopped(running);
    await eventually('the stream\'s socket is closed', () => rig.api.openWatches === 0);
  });

  it('while listing leaves nothing behind', async () => {
    rig.api.fault = () => 'handled';
    const running = rig.run();
    await eventually('the list is asked for', () => rig.api.server.requests.length === 1);
    await stopped(running);
    await eventually('its socket is closed', () => rig.api.server.sockets.open === 0);
    expect(rig.informer.synced).toBe(false);
  });

  it('between the pages of a list leaves nothing behind', async () => {
    await rig.close();
    rig = await InformerRig.start({ pageSize: 1 });
    for (const name of ['a', 'b', 'c']) rig.api.put(configMap(name));
    rig.api.fault = (request) => (request.query.has('continue') ? 'handled' : 'pass');
    const running = rig.run();
    await eventually('the second page is asked for', () => rig.api.server.requests.length === 2);
    await stopped(running);
    expect(rig.informer.store.size).toBe(0);
  });

  it('while a watch is being opened leaves nothing behind', async () => {
    rig.api.fault = (request) => (request.query.has('watch') ? 'handled' : 'pass');
    const running = rig.run();
    await eventually('the watch is asked for', () => rig.api.count('watch') === 1);
    await stopped(running);
  });

  it('during backoff leaves nothing behind', async () => {
    rig.api.fault = (_request, response) => {
      answer(response, 500, status(500, 'InternalError', 'no'));
      return 'handled';
    };
    const running = rig.run();
    await eventually('it waits', () => rig.errors.length === 1 && rig.clock.pendingTimers === 1);
    await stopped(running);
  });

  it('after a clean end of the watch leaves nothing behind', async () => {
    const running = rig.run();
    await eventually('the watch is open', () => rig.api.openWatches === 1);
    rig.api.endWatches();
    await eventually('it waits before the next', () => rig.clock.pendingTimers === 1 && rig.api.openWatches === 0);
    await stopped(running);
  });

  it('before the start means no request at all', async () => {
    rig.stop.abort();
    await rig.run();
    expect(rig.api.server.requests).toHaveLength(0);
  });

  it('mid-stream drops what comes after', async () => {
    const running = rig.run();
    await eventually('the watch is open', () => rig.api.openWatches === 1);
    rig.api.put(configMap('a'));
    rig.stop.abort();
    rig.api.put(configMap('b'));
    await running;
    await pause();
    expect(rig.informer.store.size).toBe(0);
  });
});

describe('start', () => {
  it('twice is refused, and the first run goes on alone', async () => {
    void rig.run();
    await expect(rig.informer.run({ signal: rig.stop.signal })).rejects.toThrow(/is running already/);
    await eventually('the watch is open', () => rig.api.openWatches === 1);
    await pause();
    expect([rig.api.openWatches, rig.api.count('list')]).toEqual([1, 1]);
  });

  it('again after a stop catches up with what happened meanwhile', async () => {
    const first = new AbortController();
    rig.api.put(configMap('old'));
    const running = rig.informer.run({ signal: first.signal });
    await rig.synced();
    first.abort();
    await running;
    rig.api.remove('default', 'old');
    rig.api.put(configMap('new'));
    void rig.run();
    await eventually('it has caught up', () => rig.names().join() === 'new');
    expect(rig.heard).toEqual(['initial add old', 'delete old', 'live add new']);
  });
});
