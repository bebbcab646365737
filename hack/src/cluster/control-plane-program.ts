import type { Clock } from '../progress/clock.ts';
import { type ProcessIdentity, signalProcess } from '../process/identity.ts';
import { ClusterError } from './cluster-error.ts';
import { type Component, endProcess, findComponent, startComponent } from './component.ts';
import { waitUntilReady } from './readiness.ts';
import type { StatePaths } from './state-paths.ts';

/** One program of the control plane, for tests that break it on purpose. */
export interface ControlPlaneProgram {
  /** Starts it again on the same port and data, and waits until it serves. Throws ClusterError when it runs already. */
  start(options: { readonly signal: AbortSignal }): Promise<void>;
  /** SIGKILL, as a crash would. */
  kill(): Promise<void>;
  /** Stops it from running without closing its connections: a stalled peer. */
  pause(): Promise<void>;
  resume(): Promise<void>;
}

const READY_TIMEOUT_MS = 60_000;
const END_TIMEOUT_MS = 10_000;

export interface ProgramContext {
  readonly paths: StatePaths;
  readonly clock: Clock;
  readonly watch: (identity: ProcessIdentity) => void;
}

export function controlPlaneProgram(
  component: Component,
  check: (signal: AbortSignal) => Promise<string | undefined>,
  context: ProgramContext,
): ControlPlaneProgram {
  const { paths, clock } = context;
  const running = async (): Promise<ProcessIdentity> => {
    const identity = await findComponent(component.name, paths);
    if (identity === undefined) throw new ClusterError(`${component.name} does not run`);
    return identity;
  };
  return {
    start: async ({ signal }) => {
      if ((await findComponent(component.name, paths)) !== undefined) throw new ClusterError(`${component.name} runs already`);
      context.watch(await startComponent(component, paths));
      await waitUntilReady({ what: component.name, components: [component.name], timeoutMs: READY_TIMEOUT_MS, check }, { folders: paths, clock, signal });
    },
    kill: async () => endProcess(await running(), { clock, signal: AbortSignal.timeout(END_TIMEOUT_MS), graceMs: 0 }),
    pause: async () => void (await signalProcess(await running(), 'SIGSTOP')),
    resume: async () => void (await signalProcess(await running(), 'SIGCONT')),
  };
}
