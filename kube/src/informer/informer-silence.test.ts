import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KubeClient } from '../client/kube-client.ts';
import type { KubeError } from '../kube-error.ts';
import { eventually, pause } from '../testing/eventually.ts';
import { connectionTo } from '../testing/connection.ts';
import { configMap, InformerRig } from '../testing/informer-rig.ts';
import { Transport } from '../transport/transport.ts';
import { Informer } from './informer.ts';

let rig: InformerRig;

beforeEach(async () => {
  rig = await InformerRig.start();
});

afterEach(() => rig.close());

function reasons(): string[] {
  return rig.errors.map((error) => (error as KubeError).reason);
}

describe('a watch that says nothing', () => {
  it('though bytes trickle in without ever making a line is given up in bounded time', async () => {
    void rig.run();
    await eventually('the watch is open', () => rig.api.openWatches === 1);
    let seconds = 0;
    for (; seconds < 200 && rig.errors.length === 0; seconds++) {
      rig.api.sendRaw('x');
      await rig.clock.advance(1_000);
      await pause(2);
    }
    expect(seconds).toBeGreaterThanOrEqual(150);
    expect(seconds).toBeLessThan(200);
    expect(reasons()).toEqual(['Stalled']);
  });

  it('though empty lines keep coming is given up too', async () => {
    void rig.run();
    await eventually('the watch is open', () => rig.api.openWatches === 1);
    for (let second = 0; second < 155; second++) {
      rig.api.sendRaw('\n');
      await rig.clock.advance(1_000);
      await pause(1);
    }
    await eventually('a second watch', () => rig.api.count('watch') === 2);
    expect(reasons()).toEqual(['Stalled']);
  });

  it('not even headers is given up when the call\'s deadline ends', async () => {
    const transport = new Transport({ connection: connectionTo(rig.api.server.url), clock: rig.clock });
    const errors: Error[] = [];
    const informer = new Informer({ client: new KubeClient({ transport }), type: rig.informer.type, clock: rig.clock, listMode: 'paging', onError: (error) => errors.push(error) });
    rig.api.fault = (request) => (request.query.has('watch') ? 'handled' : 'pass');
    const running = informer.run({ signal: rig.stop.signal });
    await eventually('the watch is asked for', () => rig.api.count('watch') === 1);
    rig.api.fault = () => 'pass';
    await rig.advanceUntil('it is given up', () => errors.length > 0);
    expect(errors[0]).toMatchObject({ reason: 'Timeout' });
    await rig.advanceUntil('the next one is open', () => rig.api.openWatches === 1);
    rig.stop.abort();
    await running;
    await transport.close();
  });

  it('but bookmarks for an hour is quiet, not stalled', async () => {
    void rig.run();
    await eventually('the watch is open', () => rig.api.openWatches === 1);
    for (let minute = 0; minute < 60; minute++) {
      await rig.clock.advance(60_000);
      rig.api.bookmark();
      await eventually('the bookmark is read', () => rig.informer.store.resourceVersion === rig.api.version);
    }
    expect([rig.api.count('watch'), rig.errors]).toEqual([1, []]);
  });
});

describe('a line without end', () => {
  it('is given up at its bound and leads to a list', async () => {
    await rig.close();
    rig = await InformerRig.start({ maxLineBytes: 10_000 });
    void rig.run();
    await eventually('the watch is open', () => rig.api.openWatches === 1);
    rig.api.sendRaw('x'.repeat(10_001));
    await rig.advanceUntil('a second list', () => rig.api.count('list') === 2);
    expect(reasons()).toEqual(['LineTooLong']);
    expect(rig.errors[0]?.message).toMatch(/longer than 10000 bytes/);
  });
});

describe('an event out of order', () => {
  function late(type: string, name: string, version: string): void {
    rig.api.sendRaw(`${JSON.stringify({ type, object: { ...configMap(name), metadata: { name, namespace: 'default', uid: 'late', resourceVersion: version } } })}\n`);
  }

  it('brings nothing back and leads to a list, after a pause', async () => {
    rig.api.put(configMap('a'));
    void rig.run();
    await eventually('the watch is open', () => rig.api.openWatches === 1);
    rig.api.remove('default', 'a');
    await eventually('a is gone', () => rig.informer.store.size === 0);
    late('MODIFIED', 'a', '100');
    await eventually('it is noticed', () => rig.errors.length === 1);
    expect([reasons(), rig.informer.store.size, rig.api.count('list')]).toEqual([['OutOfOrder'], 0, 1]);
    await rig.advanceUntil('a second list', () => rig.api.count('list') === 2);
    expect(rig.heard).toEqual(['initial add a', 'delete a']);
  });

  it('again and again is answered with longer and longer pauses', async () => {
    void rig.run();
    for (let round = 1; round <= 6; round++) {
      await rig.advanceUntil('a watch is open', () => rig.api.openWatches === 1, 1_000);
      rig.api.put(configMap('x', { v: String(round) }));
      late('ADDED', 'y', '50');
      await eventually('it is noticed', () => reasons().filter((reason) => reason === 'OutOfOrder').length === round);
    }
    const before = rig.api.count('list');
    await rig.clock.advance(15_000);
    await pause();
    expect(rig.api.count('list')).toBe(before);
  });
});
