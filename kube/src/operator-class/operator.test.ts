import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../clock-system.ts';
import type { Clock } from '../clock.ts';
import { eventually, pause } from '../testing/eventually.ts';
import { answer, status } from '../testing/scripted-server.ts';
import { widget } from '../testing/widgets.ts';
import type { ResourceEvent } from './resource-event.ts';
import { OperatorRig } from './testing/operator-rig.ts';

/** Backoff is the informer's to test; here it would only take time. */
const impatientClock: Clock = { ...systemClock, sleep: (ms, call) => systemClock.sleep(Math.min(ms, 20), call) };
let rig: OperatorRig;
let heard: string[];

beforeEach(async () => {
  rig = await OperatorRig.start();
  heard = [];
});

afterEach(() => rig.close());

const say = ({ type, object }: ResourceEvent): string => `${type} ${object.metadata.name}@${object.metadata.resourceVersion}`;

async function note(event: ResourceEvent): Promise<void> {
  heard.push(say(event));
}

describe('Operator', () => {
  it('tells of what is there, changes and goes, with the meta of the package', async () => {
    const { api } = rig.server;
    const first = api.put(widget('a', 'ns'));
    const metas: unknown[] = [];
    await rig.operator((operator) => operator.watch(async (event) => {
      metas.push(event.meta);
      await note(event);
    })).start();
    await eventually('ADDED', () => heard.length === 1);
    api.put(widget('a', 'ns', 2));
    await eventually('MODIFIED', () => heard.length === 2);
    api.remove('ns', 'a');
    await eventually('DELETED', () => heard.length === 3);
    expect(heard).toEqual(['ADDED a@101', 'MODIFIED a@102', 'DELETED a@103']);
    expect(metas[0]).toEqual({
      id: 'widgets.kube-tests.sluice.dev/v1', name: 'a', namespace: 'ns', resourceVersion: '101', apiVersion: 'kube-tests.sluice.dev/v1', kind: 'Widget', uid: first.metadata.uid,
    });
  });

  it('keeps the events of one object in order while others go on, and lets a handler change its copy', async () => {
    const { api } = rig.server;
    for (const name of ['slow', 'quick']) api.put(widget(name, 'ns'));
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => { release = resolve; });
    await rig.operator((operator) => operator.watch(async (event) => {
      event.object.metadata.labels = { changed: 'yes' };
      if (event.meta.name === 'slow') await gate;
      await note(event);
    })).start();
    await eventually('quick is heard', () => heard.includes('ADDED quick@102'));
    api.put(widget('slow', 'ns', 2));
    api.put(widget('slow', 'ns', 3));
    api.put(widget('quick', 'ns', 2));
    await eventually('quick changes', () => heard.includes('MODIFIED quick@105'));
    expect(heard.some((each) => each.includes('slow'))).toBe(false);
    release();
    await eventually('slow is heard', () => heard.includes('MODIFIED slow@104'));
    expect(heard.filter((each) => each.includes('slow'))).toEqual(['ADDED slow@101', 'MODIFIED slow@104']);
  });

  it('logs, counts and repeats a handler that fails, with the newest object', async () => {
    const { api } = rig.server;
    api.put(widget('a', 'ns'));
    let left = 3;
    await rig.operator((operator) => operator.watch(async (event) => {
      if (left-- > 0) throw new Error('cannot yet');
      await note(event);
    })).start();
    await eventually('it succeeds', () => heard.length === 1);
    expect(heard).toEqual(['ADDED a@101']);
    expect(rig.log.filter((line) => line.startsWith('error') && line.includes('cannot yet'))).toHaveLength(3);
    expect(rig.metrics.get('controller_runtime_reconcile_errors_total', { controller: 'widgets.kube-tests.sluice.dev/v1' })).toBe(3);
  });

  it('survives the end of a watch, 410 and a reset without telling anything twice, and tells of what went meanwhile', async () => {
    const { api } = rig.server;
    for (const name of ['a', 'b']) api.put(widget(name, 'ns'));
    await rig.operator((operator) => operator.watch(note), { clock: impatientClock }).start();
    await eventually('both are heard', () => heard.length === 2);
    for (const end of [() => api.endWatches(), () => api.server.reset()]) {
      const before = api.count('watch');
      await eventually('a watch is open', () => api.openWatches === 1);
      end();
      await eventually('it watches again', () => api.count('watch') > before && api.openWatches === 1);
    }
    let away: 'away' | 'back' = 'away';
    rig.server.fault = (request, response) => {
      if (away === 'back' || !request.query.has('watch')) return 'pass';
      answer(response, 500, status(500, 'InternalError', 'not now'));
      return 'handled';
    };
    const before = api.count('watch');
    api.endWatches();
    await eventually('it tries', () => api.count('watch') > before);
    api.remove('ns', 'a');
    api.put(widget('b', 'ns', 2));
    api.compact();
    away = 'back';
    await eventually('it lists', () => heard.length === 4);
    expect(heard.slice(0, 2)).toEqual(['ADDED a@101', 'ADDED b@102']);
    expect(heard.slice(2).toSorted()).toEqual(['DELETED a@101', 'MODIFIED b@104']);
  });

  it('watches two namespaces of one resource apart', async () => {
    const { api } = rig.server;
    const other: string[] = [];
    api.put(widget('a', 'one'));
    api.put(widget('b', 'two'));
    const operator = rig.operator(async (each) => {
      await each.watch(note, 'one');
      await each.watch(async (event) => void other.push(say(event)), 'two');
    });
    await operator.start();
    await eventually('both are heard', () => heard.length === 1 && other.length === 1);
    expect([heard, other]).toEqual([['ADDED a@101'], ['ADDED b@102']]);
    await eventually('both watch', () => api.openWatches === 2);
    operator.stop();
    await operator.finished();
    await eventually('the server has no connection left', () => api.openWatches === 0 && api.server.sockets.open === 0);
  });

  it('waits for a resource that is not served yet, and refuses a namespace for one without', async () => {
    const { api } = rig.server;
    rig.server.served = 'unknown';
    api.put(widget('a', 'ns'));
    await rig.operator((operator) => operator.watch(note)).start();
    expect(rig.log.join()).toContain('does not serve the resource');
    rig.server.served = 'served';
    await eventually('it is heard', () => heard.length === 1);
    rig.server.fault = (request, response) => {
      if (request.path !== '/apis/kube-tests.sluice.dev/v1') return 'pass';
      answer(response, 200, { resources: [{ name: 'widgets', kind: 'Widget', namespaced: false }] });
      return 'handled';
    };
    await expect(rig.operator((operator) => operator.watch(note, 'ns')).start()).rejects.toThrow("namespace 'ns' was given, but widgets are cluster-scoped");
  });

  it('begins a watch that is added while it runs', async () => {
    const { api } = rig.server;
    const operator = rig.operator(async () => {});
    await operator.start();
    api.put(widget('a', 'ns'));
    await operator.watch(note);
    await eventually('it is heard', () => heard.length === 1);
    expect(operator.uri('ns')).toBe(`${api.server.url}/apis/kube-tests.sluice.dev/v1/namespaces/ns/widgets`);
  });
});

describe('Operator that stops', () => {
  it('lets a running handler end, starts no other, closes every socket and leaves the process alone', async () => {
    const { api } = rig.server;
    api.put(widget('a', 'ns'));
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => { release = resolve; });
    const operator = rig.operator((each) => each.watch(async (event) => {
      heard.push(`begins ${event.meta.name}`);
      await gate;
      await each.setStatus(event.meta, { phase: 'Done' });
      heard.push(`ends ${event.meta.name}`);
    }));
    await operator.start();
    await eventually('the handler runs', () => heard.length === 1);
    operator.stop();
    api.put(widget('b', 'ns'));
    await pause();
    release();
    await operator.finished();
    expect(heard).toEqual(['begins a', 'ends a']);
    expect(api.get('ns', 'a')?.status).toEqual({ phase: 'Done' });
    await eventually('the server has no connection left', () => api.openWatches === 0 && api.server.sockets.open === 0);
  });

  it('cuts off a handler that does not end in its time', async () => {
    rig.server.api.put(widget('a', 'ns'));
    const operator = rig.operator((each) => each.watch((_event, { signal }) => new Promise((_resolve, reject) => {
      heard.push('begins');
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    })), { drainMs: 20 });
    await operator.start();
    await eventually('the handler runs', () => heard.length === 1);
    operator.stop();
    await operator.finished();
    expect(heard).toEqual(['begins']);
  });

  it('can be started once, not after a stop, and fails with what init threw', async () => {
    const operator = rig.operator(async () => {});
    expect(() => operator.uri()).toThrow('not started');
    await operator.start();
    await expect(operator.start()).rejects.toThrow('started before');
    const stopped = rig.operator(async () => {});
    stopped.stop();
    await expect(stopped.start()).rejects.toThrow('stopped before');
    await expect(rig.operator(() => Promise.reject(new Error('no settings'))).start()).rejects.toThrow('no settings');
  });

  it('looks for its cluster when it starts, not when it is made', async () => {
    const { connection: _none, ...options } = { connection: undefined, env: { KUBECONFIG: '/nowhere/config' } };
    const operator = new (class extends (await import('./operator.ts')).Operator {
      protected async init(): Promise<void> {}
    })(undefined, options);
    await expect(operator.start()).rejects.toMatchObject({ reason: 'Config' });
  });
});
