import { setTimeout as wait } from 'node:timers/promises';
import { type ConfigMap, configMaps } from '@sluice/kube';
import type { FaultStage } from '../fault-stage.ts';
import type { FaultProxy } from '../proxy/fault-proxy.ts';
import type { Fault, FaultKind, FaultPlan, RequestFacts } from '../proxy/fault.ts';
import { randomSchedule } from '../proxy/schedule.ts';
import { within } from '../within.ts';
import { type Peer, PeerProcess } from './peer-process.ts';
import type { PeerView } from './peer-program.ts';
import { differencesOf, type TrialResult } from './trial-result.ts';

/** One thing that goes wrong, with whoever watches. */
export type Trial =
  /** `stopAt` 'strike': told to stop as soon as the fault has struck, so in the midst of what it does about it. */
  | { readonly name: string; readonly lane: RequestFacts['lane']; readonly kind: FaultKind; readonly stopAt?: 'strike' }
  /** Random faults for as long as the objects change. */
  | { readonly name: string; readonly seed: number };

const watchKinds: readonly FaultKind[] = [
  'stream-end', 'stream-reset', 'stream-silence', 'half-line', 'half-chunk', 'duplicated', 'swapped', 'byte-by-byte', 'event-410', 'event-500',
  'refused', 'reset', 'silence', 'retry-later', 'error-500',
];
const listKinds: readonly FaultKind[] = ['reset', 'error-500', 'half-body'];

export const trials: readonly Trial[] = [
  ...watchKinds.map((kind) => ({ name: `watch: ${kind}`, lane: 'watch' as const, kind })),
  ...listKinds.map((kind) => ({ name: `list: ${kind}`, lane: 'read' as const, kind })),
  { name: 'stopped right after: stream-end', lane: 'watch', kind: 'stream-end', stopAt: 'strike' },
  { name: 'stopped right after: stream-reset', lane: 'watch', kind: 'stream-reset', stopAt: 'strike' },
  { name: 'random schedule, seed 1', seed: 1 },
];

/** How many requests of the lane meet the fault. */
const STRIKES = 2;
const INITIAL_ITEMS = 5;
/** A watch without a version, or one that is a streamed list, begins with what is there, the root CA's ConfigMap and a bookmark included. */
const LINES_AT_START: Readonly<Record<Peer, number>> = { sluice: INITIAL_ITEMS + 2, 'client-node': 0, 'dot-i': INITIAL_ITEMS + 1 };

/** Longer than any of them waits before it tries again. */
const AFTER_STOP_MS = 12_000;
/** A slow machine takes its time to start a program. */
const START_MS = 60_000;

export interface TrialTimes {
  /** How long objects change at least; three times as long at most when the fault has not struck by then. */
  readonly changeMs: number;
  readonly patienceMs: number;
}

/** Lets a peer meet a fault while objects change, and looks what it knows in the end. */
export async function runTrial(stage: FaultStage, peer: Peer, trial: Trial, { changeMs, patienceMs }: TrialTimes): Promise<TrialResult> {
  const namespace = await stage.namespace(`peer-${peer}-${trial.name.replaceAll(/[^a-z0-9]+/g, '-')}`);
  const plan = planOf(trial, peer);
  let requests = 0;
  const proxy = await stage.proxy({ plan, onRequest: () => void (requests += 1) });
  const strikes = () => [...proxy.struck.values()].reduce((sum, times) => sum + times, 0);
  for (let index = 0; index < INITIAL_ITEMS; index += 1) await stage.client.create(configMaps, item(namespace, `item-${index}`, 0), stage.stop);
  const process = new PeerProcess(peer, { kubeconfig: await stage.kubeconfig(proxy), namespace });
  try {
    await within(START_MS, `${peer} makes its first request`, () => requests > 0 || process.exited !== undefined);
    await wait(1_500);
    if ('stopAt' in trial) return await stopAtStrike({ peer, trial: trial.name, process, proxy, strikes });
    await change(stage, namespace, changeMs, () => strikes() >= STRIKES || process.exited !== undefined || !meets(peer, trial));
    plan.stop();
    const end = await settle(stage, namespace, process, patienceMs);
    const exited = process.exited;
    await process.stop();
    await wait(3_000);
    return { peer, trial: trial.name, judged: 'convergence', strikes: strikes(), differences: end.differences, settledMs: end.settledMs, exited, exitedOnStop: exited === undefined ? process.exited : undefined, leaked: process.exited === undefined ? proxy.watches : 0 };
  } finally {
    await process.close();
    await proxy.close();
  }
}

interface Stopping {
  readonly peer: Peer;
  readonly trial: string;
  readonly process: PeerProcess;
  readonly proxy: FaultProxy;
  readonly strikes: () => number;
}

/** What it knows is of no account here: only whether it comes back. */
async function stopAtStrike({ peer, trial, process, proxy, strikes }: Stopping): Promise<TrialResult> {
  await within(START_MS, 'the fault strikes', () => strikes() > 0 || process.exited !== undefined);
  const exited = process.exited;
  await process.stop();
  await wait(AFTER_STOP_MS);
  return { peer, trial, judged: 'stop', strikes: strikes(), differences: [], settledMs: 0, exited, exitedOnStop: exited === undefined ? process.exited : undefined, leaked: process.exited === undefined ? proxy.watches : 0 };
}

function planOf(trial: Trial, peer: Peer): FaultPlan & { stop(): void } {
  if ('seed' in trial) return randomSchedule(trial.seed);
  // Once only when it is stopped: a second strike would end the watch that should not have been opened.
  let left = trial.stopAt === 'strike' ? 1 : STRIKES;
  const fault: Fault = { kind: trial.kind, afterLines: LINES_AT_START[peer] + 2, afterMs: 4_000, amount: trial.kind === 'refused' ? 1_000 : 2 };
  return {
    draw: ({ lane }) => (lane === trial.lane && left-- > 0 ? [fault] : []),
    stop: () => void (left = 0),
  };
}

function item(namespace: string, name: string, version: number): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data: { version: String(version) } };
}

/** The operator of @dot-i never lists. */
function meets(peer: Peer, trial: Trial): boolean {
  return peer !== 'dot-i' || 'seed' in trial || trial.lane !== 'read';
}

/** Every name is changed, deleted and made anew in turn, for `ms` milliseconds, and until it is `enough`. */
async function change({ client, stop }: FaultStage, namespace: string, ms: number, enough: () => boolean): Promise<void> {
  const present = new Set(Array.from({ length: INITIAL_ITEMS }, (_, index) => `item-${index}`));
  const start = performance.now();
  const spent = () => performance.now() - start;
  for (let version = 1; spent() < ms || (!enough() && spent() < 3 * ms); version += 1) {
    const name = `item-${version % 7}`;
    if (!present.has(name)) {
      await client.create(configMaps, item(namespace, name, version), stop);
      present.add(name);
    } else if (version % 3 === 0) {
      await client.delete(configMaps, { namespace, name }, {}, stop);
      present.delete(name);
    } else {
      await client.mergePatch(configMaps, { namespace, name }, { data: { version: String(version) } }, stop);
    }
    await wait(250);
  }
}

async function settle(stage: FaultStage, namespace: string, process: PeerProcess, patienceMs: number): Promise<{ differences: readonly string[]; settledMs: number }> {
  const started = performance.now();
  for (;;) {
    const listed: ConfigMap[] = await Array.fromAsync(stage.client.listAll(configMaps, { namespace }, stage.stop));
    const server: PeerView = Object.fromEntries(listed.map(({ metadata }) => [metadata.name, metadata.resourceVersion ?? '']));
    const differences = differencesOf(await process.view(), server);
    const settledMs = performance.now() - started;
    if (differences.length === 0 || process.exited !== undefined || settledMs > patienceMs) return { differences, settledMs };
    await wait(500);
  }
}
