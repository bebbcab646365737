import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Component, endProcess, startComponent } from '../../hack/src/cluster/component.ts';
import { startGuard } from '../../hack/src/cluster/guard-process.ts';
import { type ProcessIdentity, signalProcess } from '../../hack/src/process/identity.ts';
import { systemClock } from '../../hack/src/progress/clock.ts';

/** A server of a test on loopback. It ends with the test, however that ends. */
export interface TestServer {
  readonly url: string;
  /** SIGKILL, as a crash would. */
  kill(): Promise<void>;
  /** On the same port and data. */
  restart(): Promise<void>;
  /** Stops it from running without closing its connections: a stalled peer. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  stop(): Promise<void>;
}

export interface ServerDefinition {
  readonly url: string;
  readonly component: Component;
  /** Whether it serves. */
  readonly check: () => Promise<boolean>;
}

/** Milliseconds. */
const startLimitMs = 60_000;
const endLimitMs = 10_000;
const pollMs = 50;

async function untilServing(check: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(startLimitMs)]);
  while (!(await check())) await systemClock.sleep(pollMs, limit);
}

/** Starts what `define` says in a folder of its own. */
export async function startServer(define: (folder: string) => Promise<ServerDefinition>, signal: AbortSignal): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-store-server-'));
  const guard = startGuard(folder);
  try {
    const { url, component, check } = await define(folder);
    let identity: ProcessIdentity | undefined;
    const start = async (): Promise<void> => {
      identity = await startComponent(component, { log: join(folder, 'log'), processes: join(folder, 'processes') });
      guard.watch(identity);
      await untilServing(check, signal);
    };
    const send = async (name: NodeJS.Signals): Promise<void> => {
      if (identity !== undefined) await signalProcess(identity, name);
    };
    await start();
    return {
      url,
      kill: async () => {
        if (identity !== undefined) await endProcess(identity, { clock: systemClock, signal: AbortSignal.timeout(endLimitMs), graceMs: 0 });
      },
      restart: start,
      pause: async () => send('SIGSTOP'),
      resume: async () => send('SIGCONT'),
      stop: async () => guard.release(),
    };
  } catch (error) {
    await guard.release();
    throw error;
  }
}
