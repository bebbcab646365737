import { setTimeout as wait } from 'node:timers/promises';

/** On this signal the process collects its garbage: memory is looked at then, and not whenever V8 came to it, which on a busy machine is late. */
const signalName = 'SIGUSR2';
/** For the collection, and for what it frees to go back to the system, milliseconds. */
const collectionMs = 2_000;

/** Flags of node with which a process does as {@link collectGarbage} asks. */
export const collectable: readonly string[] = ['--expose-gc', '--import', `data:text/javascript,process.on('${signalName}', () => globalThis.gc({ type: 'major', execution: 'sync', flavor: 'last-resort' }))`];

/** Asks a process that was started with {@link collectable}. */
export async function collectGarbage(pid: number, signal: AbortSignal): Promise<void> {
  process.kill(pid, signalName);
  await wait(collectionMs, undefined, { signal });
}
