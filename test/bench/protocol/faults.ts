import { type ConfigMap, configMaps, type KubeClient } from '@sluice/kube';
import type { ControlPlane } from '../../../hack/src/cluster/cluster.ts';
import { FreezingProxy } from './freezing-proxy.ts';
import { configMap, elapsed, NAMESPACE, openRig, pause, type Protocol, watch, type Watching } from './rig.ts';

const key = { namespace: NAMESPACE, name: 'bench-0' };
const WATCHES = 12;
const DEADLINE_MS = 1_000;
const PATIENCE_MS = 30_000;

async function touch(client: KubeClient, signal: AbortSignal): Promise<ConfigMap> {
  return client.mergePatch(configMaps, key, { metadata: { annotations: { touched: String(performance.now()) } } }, { signal, deadlineMs: DEADLINE_MS });
}

export interface Frozen {
  /** Of 12, those that heard of a change made after the freeze. */
  readonly watchesAlive: number;
  /** Of 20 calls after the freeze, each with a deadline of 1 s. */
  readonly callsFailed: number;
  /** Until a call works again; NaN when none did within 30 s. */
  readonly recoveredMs: number;
}

/** Freezes the oldest connection, or all there are, and goes on calling. */
export async function freeze(plane: ControlPlane, protocol: Protocol, which: 'one' | 'all'): Promise<Frozen> {
  const proxy = await FreezingProxy.listen({ host: '127.0.0.1', port: Number(new URL(plane.url).port) });
  const rig = openRig(plane.kubeconfig, protocol, proxy.port);
  const direct = openRig(plane.kubeconfig, 'http1');
  const stop = new AbortController();
  try {
    await rig.client.get(configMaps, key, { signal: stop.signal });
    const watches = await Promise.all(Array.from({ length: WATCHES }, () => watch(rig.client, stop.signal)));
    await Promise.all(Array.from({ length: 4 }, () => rig.client.get(configMaps, key, { signal: stop.signal })));
    await pause(300);
    proxy.freeze(which === 'one' ? 1 : proxy.open);
    const before = watches.map((each) => each.lines());
    await touch(direct.client, stop.signal);
    const recovery = elapsed();
    let failed = 0;
    let recoveredMs = Number.NaN;
    for (let call = 0; call < 20 || (Number.isNaN(recoveredMs) && recovery() < PATIENCE_MS); call++) {
      const worked = await rig.client.get(configMaps, key, { signal: stop.signal, deadlineMs: DEADLINE_MS }).then(() => true, () => false);
      if (worked && Number.isNaN(recoveredMs)) recoveredMs = recovery();
      if (!worked && call < 20) failed += 1;
    }
    return { watchesAlive: watches.filter((each, index) => each.lines() > (before[index] ?? 0)).length, callsFailed: failed, recoveredMs };
  } finally {
    stop.abort();
    await Promise.all([rig.close(), direct.close(), proxy.close()]);
  }
}

/** Kills the API server and starts it again; milliseconds from its start until all 12 watches are open, its own start included. */
export async function kill(plane: ControlPlane, protocol: Protocol): Promise<number> {
  const rig = openRig(plane.kubeconfig, protocol);
  const stop = new AbortController();
  const watches = new Set<Watching>();
  const keepOpen = async () => {
    while (!stop.signal.aborted) {
      const watching = await watch(rig.client, stop.signal, 5_000).catch(() => undefined);
      if (watching === undefined) {
        await pause(100);
        continue;
      }
      watches.add(watching);
      await watching.ended;
      watches.delete(watching);
    }
  };
  const loops = Array.from({ length: WATCHES }, keepOpen);
  try {
    while (watches.size < WATCHES) await pause(10);
    await plane.apiServer.kill();
    while (watches.size > 0) await pause(10);
    const since = elapsed();
    const back = async () => {
      while (watches.size < WATCHES && since() < 2 * PATIENCE_MS) await pause(5);
      return watches.size < WATCHES ? Number.NaN : since();
    };
    const [ms] = await Promise.all([back(), plane.apiServer.start({ signal: AbortSignal.timeout(120_000) })]);
    return ms;
  } finally {
    stop.abort();
    await rig.close();
    await Promise.all(loops);
  }
}

export interface GoneAway {
  readonly connections: number;
  /** Of 12, those that could not be opened within 10 s. */
  readonly watchesNotOpened: number;
  readonly callsFailed: number;
  readonly writesFailed: number;
  readonly watchesBroken: number;
}

/** `calls`, every tenth a write, each with a deadline of 2 s, 32 at once, beside 12 watches, on a server that sends GOAWAY now and then. */
export async function goAway(kubeconfig: string, port: number, protocol: Protocol, calls: number): Promise<GoneAway> {
  const rig = openRig(kubeconfig, protocol, port);
  const stop = new AbortController();
  try {
    const opened = await Promise.allSettled(Array.from({ length: WATCHES }, () => watch(rig.client, stop.signal)));
    const watches = opened.filter((each) => each.status === 'fulfilled').map((each) => each.value);
    let broken = 0;
    for (const { ended } of watches) void ended.then(() => void (broken += stop.signal.aborted ? 0 : 1));
    const counts = { callsFailed: 0, writesFailed: 0 };
    let left = calls;
    await Promise.all(Array.from({ length: 32 }, async () => {
      while (left-- > 0) {
        if (left % 10 === 0) await rig.client.create(configMaps, { ...configMap('', 10), metadata: { name: '', generateName: 'goaway-', namespace: NAMESPACE } }, { signal: stop.signal, deadlineMs: 2 * DEADLINE_MS }).catch(() => void (counts.writesFailed += 1));
        else await rig.client.get(configMaps, key, { signal: stop.signal, deadlineMs: 2 * DEADLINE_MS }).catch(() => void (counts.callsFailed += 1));
      }
    }));
    return { connections: rig.connections(), watchesNotOpened: WATCHES - watches.length, ...counts, watchesBroken: broken };
  } finally {
    stop.abort();
    await rig.close();
  }
}

/** Opens 50 watches through a proxy, aborts half, then closes: what the server side of the connections sees. */
export async function abortAndClose(plane: ControlPlane, protocol: Protocol): Promise<{ watchesLeft: number; openAfterClose: number }> {
  const proxy = await FreezingProxy.listen({ host: '127.0.0.1', port: Number(new URL(plane.url).port) });
  const rig = openRig(plane.kubeconfig, protocol, proxy.port);
  const direct = openRig(plane.kubeconfig, 'http1');
  const half = new AbortController();
  const rest = new AbortController();
  try {
    const opening: Promise<Watching>[] = [];
    for (let index = 0; index < 50; index++) opening.push(watch(rig.client, (index < 25 ? half : rest).signal));
    await Promise.all(opening);
    const before = await watchesOf(direct.client);
    half.abort();
    await pause(1_000);
    const after = await watchesOf(direct.client);
    await rig.close();
    await pause(500);
    return { watchesLeft: 50 - (before - after), openAfterClose: proxy.open };
  } finally {
    rest.abort();
    await Promise.all([direct.close(), proxy.close()]);
  }
}

/** How many watches of ConfigMaps the server counts. */
async function watchesOf(client: KubeClient): Promise<number> {
  const metrics = await client.rawText('/metrics', { signal: new AbortController().signal });
  const lines = metrics.split('\n').filter((line) => line.startsWith('apiserver_longrunning_requests{') && line.includes('resource="configmaps"') && line.includes('verb="WATCH"'));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}
