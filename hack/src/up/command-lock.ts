import { join } from 'node:path';
import { withLock } from '../process/lock.ts';
import type { Clock } from '../progress/clock.ts';

export interface CommandLockOptions {
  readonly stateRoot: string;
  /** Of the cluster. */
  readonly name: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Told, once, which process is waited for. */
  readonly say: (sentence: string) => void;
}

/** Runs one whole command on a cluster (up, down, the end-to-end tests) while no other command works on the same state folder. */
export async function withCommandLock<T>(options: CommandLockOptions, work: () => Promise<T>): Promise<T> {
  const { stateRoot, name, clock, signal, say } = options;
  // `NAME.lock` is taken inside, by the local node itself.
  const path = join(stateRoot, `${name}.command.lock`);
  const onWait = (pid: number): void => say(`Another command works on the cluster "${name}" in ${stateRoot}: waiting for process ${pid} to end (Ctrl-C stops waiting).`);
  return withLock(path, { clock, signal, onWait }, work);
}
