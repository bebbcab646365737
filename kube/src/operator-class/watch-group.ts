import type { Runnable } from '../controller/run-together.ts';

/** Watches that run together, some of them added when others run already. */
export class WatchGroup {
  readonly #members: Runnable[] = [];
  readonly #running = new Set<Promise<void>>();
  #begin: ((member: Runnable) => void) | undefined;

  add(member: Runnable): void {
    this.#members.push(member);
    this.#begin?.(member);
  }

  /** Runs all members until `signal` aborts and they have ended. Stops the others and throws when one fails. */
  async run({ signal }: { signal: AbortSignal }): Promise<void> {
    const stop = new AbortController();
    const both = AbortSignal.any([signal, stop.signal]);
    const failures: unknown[] = [];
    this.#begin = (member) => {
      const running: Promise<void> = member.run({ signal: both })
        .catch((error: unknown) => {
          failures.push(error);
          stop.abort(error);
        })
        .finally(() => void this.#running.delete(running));
      this.#running.add(running);
    };
    for (const member of this.#members) this.#begin(member);
    if (!both.aborted) await new Promise<void>((resolve) => { both.addEventListener('abort', () => resolve(), { once: true }); });
    this.#begin = undefined;
    await Promise.all(this.#running);
    if (failures.length > 0) throw failures[0];
  }
}
