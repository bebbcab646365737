import { setTimeout as wait } from 'node:timers/promises';
import { configMaps, type KubeObject } from '@sluice/kube';
import { widgets } from '../../../kube/src/testing/widgets.ts';
import { FaultStage } from '../fault-stage.ts';
import type { FaultProxy } from '../proxy/fault-proxy.ts';
import { always, noFaults } from '../proxy/fault.ts';
import { within } from '../within.ts';
import { Churn } from './churn.ts';
import { digestOf } from './digest.ts';
import { figuresOf, type Sample, type SoakFigures } from './judge.ts';
import { SubjectProcess } from './subject-process.ts';
import { SOAK } from './subject-protocol.ts';

export interface SoakOptions {
  readonly ms: number;
  readonly changesPerSecond: number;
  readonly sampleMs: number;
  /** Milliseconds between breaks of every connection. */
  readonly resetMs: number;
  /** Milliseconds between times at which every watch ends with 410, so that all is listed anew. */
  readonly relistMs: number;
  /** Milliseconds between kills of the API server. */
  readonly restartMs: number;
  readonly onSample?: (line: string) => void;
}

export interface SoakOutcome {
  readonly samples: readonly Sample[];
  readonly figures: SoakFigures;
  readonly changes: number;
  readonly events: number;
  readonly survived: number;
  readonly resets: number;
  readonly relists: number;
  readonly restarts: number;
  /** Whether in the end the caches equalled the server; throws otherwise, so it is always that. */
  readonly converged: 'converged';
  readonly exitCode: unknown;
}

const SETTLE_MS = 120_000;
/** How long the proxy answers every new watch with 410. */
const RELIST_WINDOW_MS = 1_500;

/** Constant change and periodic faults around one process, whose memory is watched. */
export async function runSoak(options: SoakOptions): Promise<SoakOutcome> {
  const stage = await FaultStage.open();
  let subject: SubjectProcess | undefined;
  try {
    await stage.namespace(SOAK);
    const proxy = await stage.proxy();
    subject = new SubjectProcess(await stage.kubeconfig(proxy));
    return await soak(stage, proxy, subject, options);
  } finally {
    await subject?.kill();
    await stage.close();
  }
}

async function soak(stage: FaultStage, proxy: FaultProxy, subject: SubjectProcess, options: SoakOptions): Promise<SoakOutcome> {
  const stop = new AbortController();
  const churn = new Churn(stage.client);
  const changing = churn.run(options.changesPerSecond, stop);
  const breaking = breakThings(stage, proxy, options, stop.signal);
  const samples: Sample[] = [];
  try {
    await takeSamples(subject, options, samples);
  } finally {
    stop.abort();
    await changing;
  }
  const broken = await breaking;
  await within(SETTLE_MS, 'the caches equal the server', async () => (await subject.ask('digest')).digest === (await serverDigest(stage)));
  const { events, survived } = await subject.ask('sample');
  return { samples, figures: figuresOf(samples), changes: churn.changes, events, survived, ...broken, converged: 'converged', exitCode: await subject.stop() };
}

async function takeSamples(subject: SubjectProcess, { ms, sampleMs, onSample }: SoakOptions, samples: Sample[]): Promise<void> {
  const start = performance.now();
  while (performance.now() - start < ms) {
    await wait(sampleMs);
    const { heapBytes, rssBytes, sockets, timers, events, objects } = await subject.ask('sample');
    const atMs = performance.now() - start;
    samples.push({ atMs, heapBytes, rssBytes, sockets, timers });
    const mebibytes = (bytes: number) => (bytes / 1024 / 1024).toFixed(1);
    onSample?.(`${(atMs / 60_000).toFixed(1)} min: heap ${mebibytes(heapBytes)} MiB, resident ${mebibytes(rssBytes)} MiB, ${sockets} sockets, ${timers} timers, ${objects} objects, ${events} events`);
  }
}

interface Broken {
  readonly resets: number;
  readonly relists: number;
  readonly restarts: number;
}

async function breakThings(stage: FaultStage, proxy: FaultProxy, options: SoakOptions, signal: AbortSignal): Promise<Broken> {
  const every = async (ms: number, act: () => Promise<void> | void): Promise<number> => {
    for (let times = 0; ; times += 1) {
      await wait(ms, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return times;
      await act();
    }
  };
  const [resets, relists, restarts] = await Promise.all([
    every(options.resetMs, () => proxy.resetAll()),
    every(options.relistMs, () => relist(proxy)),
    every(options.restartMs, async () => {
      await stage.controlPlane.apiServer.kill();
      await stage.controlPlane.apiServer.start({ signal: new AbortController().signal });
    }),
  ]);
  return { resets, relists, restarts };
}

async function relist(proxy: FaultProxy): Promise<void> {
  proxy.follow(always('watch', { kind: 'event-410', afterLines: 1_000_000, afterMs: 0, amount: 0 }));
  proxy.resetAll();
  await wait(RELIST_WINDOW_MS);
  proxy.follow(noFaults);
}

async function serverDigest({ client, stop }: FaultStage): Promise<string> {
  const objects: KubeObject[] = [
    ...(await Array.fromAsync(client.listAll(widgets, { namespace: SOAK }, stop))),
    ...(await Array.fromAsync(client.listAll(configMaps, { namespace: SOAK, labelSelector: 'app=child' }, stop))),
    ...(await Array.fromAsync(client.listAll(configMaps, { namespace: SOAK, labelSelector: 'app=note' }, stop))),
  ];
  return digestOf(objects);
}
