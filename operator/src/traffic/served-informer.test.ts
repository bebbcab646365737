import { FakeClock, KubeClient, type Logger, silentLogger, Transport } from '@sluice/kube';
import { answer, connectionTo, FakeApi, status } from '@sluice/kube/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { httpRoutes, type HTTPRoute } from './http-routes.ts';
import { ServedInformer } from './served-informer.ts';

const patience = { timeout: 20_000, interval: 10 };
const askEveryMs = 15_000;
const discovery = '/apis/gateway.networking.k8s.io/v1';

let api: FakeApi<HTTPRoute>;
let transport: Transport;
let clock: FakeClock;
let informer: ServedInformer<HTTPRoute>;
let warned: string[];
let stop: AbortController;
let work: Promise<void>;

function route(name: string): HTTPRoute {
  return { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', metadata: { name, namespace: 'demo' }, spec: {} };
}

/** What the API server answers to the question whether it serves the kind. */
function discovered(as: 'served' | 'without the kind' | 'unknown group' | 'failing'): void {
  api.fault = ({ path }, response) => {
    if (path !== discovery || as === 'served') return 'pass';
    if (as === 'without the kind') answer(response, 200, { resources: [{ name: 'gateways', kind: 'Gateway', namespaced: true }] });
    else answer(response, as === 'failing' ? 403 : 404, as === 'failing' ? status(403, 'Forbidden', 'no') : status(404, 'NotFound', 'no'));
    return 'handled';
  };
}

beforeEach(async () => {
  api = await FakeApi.start(httpRoutes);
  transport = new Transport({ connection: connectionTo(api.server.url) });
  clock = new FakeClock();
  warned = [];
  const logger: Logger = { ...silentLogger, warn: (_fields: object, message?: string) => void warned.push(message ?? '') };
  informer = new ServedInformer({ client: new KubeClient({ transport }), type: httpRoutes, clock, logger });
  stop = new AbortController();
  work = Promise.resolve();
});

afterEach(async () => {
  stop.abort();
  await work;
  await transport.close();
  await api.server.close();
});

async function runs(): Promise<void> {
  work = informer.run({ signal: stop.signal });
  await informer.whenSynced({ signal: stop.signal });
}

/** The questions that are due in the meantime are asked. */
async function until(holds: () => boolean): Promise<void> {
  await vi.waitFor(async () => {
    await clock.advance(askEveryMs);
    expect(holds()).toBe(true);
  }, patience);
}

describe('a cache of a kind that may not be served', { timeout: 60_000 }, () => {
  it('is filled where the kind is served', async () => {
    api.put(route('support'));
    await runs();
    expect([informer.synced, informer.api]).toEqual([true, 'Served']);
    expect(informer.store.get({ namespace: 'demo', name: 'support' })?.kind).toBe('HTTPRoute');
  });

  it.each(['unknown group', 'without the kind'] as const)('counts as filled, and is empty, with %s; it fills as soon as the kind is there', async (as) => {
    discovered(as);
    api.put(route('support'));
    await runs();
    expect([informer.synced, informer.api, informer.store.size]).toEqual([true, 'Absent', 0]);
    const heard: string[] = [];
    informer.addHandler({ onAdd: ({ metadata }) => heard.push(metadata.name) });
    discovered('served');
    await until(() => informer.api === 'Served');
    expect(heard).toEqual(['support']);
  });

  it('is absent again when the kind goes, and comes back with it', async () => {
    await runs();
    discovered('unknown group');
    await until(() => informer.api === 'Absent');
    expect(informer.synced).toBe(true);
    discovered('served');
    await until(() => informer.api === 'Served');
  });

  it('keeps its last answer while the question fails, and says so', async () => {
    await runs();
    discovered('failing');
    await until(() => warned.includes('could not ask whether the kind is served; asking again'));
    expect(informer.api).toBe('Served');
  });

  it('is not filled before it is known whether the kind is served', async () => {
    discovered('failing');
    work = informer.run({ signal: stop.signal });
    const synced = vi.fn<() => void>();
    void informer.whenSynced({ signal: stop.signal }).then(synced, () => undefined);
    await until(() => warned.length > 0);
    expect([informer.synced, informer.api, synced.mock.calls.length]).toEqual([false, 'Absent', 0]);
    discovered('served');
    await until(() => synced.mock.calls.length === 1);
  });

  it('stops waiting when it is told to', async () => {
    const waiting = informer.whenSynced({ signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });
});
