import { join } from 'node:path';
import { loadavg } from 'node:os';
import { type Progress, type ProgressStep, withStep } from '../../../hack/src/progress/progress.ts';
import type { WriteCount } from './audit-log.ts';
import { ChildProgram, readPage } from './child-program.ts';
import type { Contender } from './contender.ts';
import { makeControllerUser } from './controller-user.ts';
import { type Change, Fleet } from './fleet.ts';
import type { ModuleOptions } from './go-modules.ts';
import { quantileBound, readHistogram } from './histogram.ts';
import { readRequests } from './requests.ts';
import { type SimulatedCluster, startSimulatedCluster } from './simulated-cluster.ts';
import { type Usage, usageOf } from './usage.ts';

export interface RunOptions extends ModuleOptions {
  readonly progress: Progress;
  readonly agents: number;
  readonly idleSeconds: number;
  readonly nodeFlags: readonly string[];
  /** Agents that Sluice works on at once; undefined: as shipped. */
  readonly concurrency?: number | undefined;
  /** Further flags of kube-controller-manager, for all contenders. */
  readonly controllerFlags?: readonly string[];
}

/** One of the two parts of a run: the fleet is made, or changed. */
export interface PartFigures extends Change {
  readonly cpuSeconds: number;
  /** By the controller. */
  readonly writes: readonly WriteCount[];
  /** By everybody, the controllers of Kubernetes and the simulated nodes included. */
  readonly allWrites: number;
}

export interface RunFigures {
  readonly create: PartFigures;
  readonly release: PartFigures;
  readonly peakMebibytes: number;
  readonly settledMebibytes: number;
  readonly anonymousMebibytes: number;
  /** Upper bound in seconds. */
  readonly reconcileP99: number | undefined;
  /** CPU milliseconds a minute. */
  readonly idleCpuPerMinute: number;
  /** Of the machine, one minute, when the run began. */
  readonly loadBefore: number;
}

const READY_TIMEOUT_MS = 120_000;
/** What a controller writes after it is done, such as events that its own limits held back, counts as well: until it has been silent for so long. */
const SILENCE_MS = 5_000;
const MAX_AFTERMATH_MS = 180_000;

/** One contender on a cluster of its own: makes the fleet, changes all of it, then sits still. Throws BenchError and what starting a cluster throws. */
export async function runContender(contender: Contender, options: RunOptions): Promise<RunFigures> {
  const [loadBefore = 0] = loadavg();
  const cluster = await startSimulatedCluster(options);
  try {
    await contender.install(cluster, options);
    const kubeconfig = await makeControllerUser(cluster, options);
    const { command, args, env, readyUrl, metricsUrl } = await contender.launch(await contender.build(cluster.folder, options), { ...options, kubeconfig });
    const fleet = new Fleet({ ...options, contender, admin: cluster.admin });
    await fleet.makeNamespaces((namespace) => contender.furnish(cluster, namespace, options));
    const program = new ChildProgram({ name: contender.id, command, args, env, log: join(cluster.folder, `${contender.id}.log`) });
    try {
      await program.answers(readyUrl, { ...options, timeoutMs: READY_TIMEOUT_MS });
      return { ...(await measure({ cluster, fleet, program, contender, metricsUrl, options })), loadBefore };
    } finally {
      await program.stop();
      await fleet.close();
    }
  } finally {
    await cluster.stop();
  }
}

interface Measured {
  readonly cluster: SimulatedCluster;
  readonly fleet: Fleet;
  readonly program: ChildProgram;
  readonly contender: Contender;
  readonly metricsUrl: string;
  readonly options: RunOptions;
}

async function measure(run: Measured): Promise<Omit<RunFigures, 'loadBefore'>> {
  const { fleet, program, contender, metricsUrl, options } = run;
  const title = `${contender.name}, ${options.agents} agents`;
  const create = await part(run, `${title}: create`, (step) => fleet.create(step));
  const release = await part(run, `${title}: change all`, (step) => fleet.release(step));
  const { metric, labels } = contender.reconciles;
  const reconcileP99 = quantileBound(readHistogram(await readPage(metricsUrl, options.signal), metric, labels), 0.99);
  const before = await usageOf(program.pid);
  await withStep(options.progress, `${title}: idle`, () => options.clock.sleep(options.idleSeconds * 1000, options.signal));
  const after = await usageOf(program.pid);
  return {
    create, release, reconcileP99,
    peakMebibytes: after.peakMebibytes,
    settledMebibytes: after.residentMebibytes,
    anonymousMebibytes: after.anonymousMebibytes,
    idleCpuPerMinute: ((after.cpuSeconds - before.cpuSeconds) * 1000 * 60) / options.idleSeconds,
  };
}

interface Reading {
  readonly usage: Usage;
  readonly position: number;
  readonly requests: number;
}

async function part(run: Measured, title: string, work: (step: ProgressStep) => Promise<Change>): Promise<PartFigures> {
  const { cluster, program, options } = run;
  const before = await read(run);
  const change = await withStep(options.progress, title, work);
  await silence(run);
  await program.assertRunning();
  const after = await read(run);
  return {
    ...change,
    cpuSeconds: after.usage.cpuSeconds - before.usage.cpuSeconds,
    writes: await cluster.audit.writes(before.position, after.position),
    allWrites: after.requests - before.requests,
  };
}

async function silence({ cluster, options: { clock, signal } }: Measured): Promise<void> {
  const end = clock.monotonicMs() + MAX_AFTERMATH_MS;
  for (let before = -1; clock.monotonicMs() < end;) {
    const now = await cluster.audit.position();
    if (now === before) return;
    before = now;
    await clock.sleep(SILENCE_MS, signal);
  }
}

async function read({ cluster, program, options }: Measured): Promise<Reading> {
  const [usage, position, requests] = await Promise.all([usageOf(program.pid), cluster.audit.position(), readRequests(cluster.admin, options)]);
  return { usage, position, requests };
}
