import { sleep, withDeadline } from '@sluice/evals/deadline';
import type { Clock } from '../../platform/clock.ts';
import type { Random } from '../../platform/random.ts';
import { ModelError } from '../../providers/model-error.ts';
import { giveUp, isInVain, lookAfter, nextLook, submitBatch, type LookOptions } from './look-after.ts';
import type { GatherRules } from './turn-store.ts';

export interface BatchLoopOptions extends LookOptions {
  readonly clock: Clock;
  readonly random: Pick<Random, 'id'>;
  readonly gather: Omit<GatherRules, 'leaseMs'>;
  /** Milliseconds between two rounds in which nothing was to do. */
  readonly idleMs: number;
  /** Looks at the key again when the provider does not accept it. */
  readonly reloadKey: () => void;
  /** Told when turns have ended, so that workers look for their jobs. */
  readonly wake: () => Promise<void>;
}

/** Works on a batch for a step's time at most, and says meanwhile that it is at it: nobody else begins, until this process dies. */
async function within(options: BatchLoopOptions, { id, signal }: { readonly id: string; readonly signal: AbortSignal }, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const { clock, limits, turns } = options;
  const step = new AbortController();
  const third = Math.floor(limits.leaseMs / 3);
  const renew = async (): Promise<void> => {
    for (let last = clock.now(); ; ) {
      await sleep(clock, third, step.signal);
      const asked = clock.now();
      const said = withDeadline(clock, { milliseconds: third, signal: step.signal, expired: () => new ModelError('timeout') }, async () => await turns.lookAgain(id, limits.leaseMs));
      await said.then(
        () => (last = asked),
        (error: unknown) => {
          // Without a word to the others this one must end before they begin.
          if (clock.now() - last >= third * 2) throw error;
        },
      );
    }
  };
  const renewing = renew().catch((error: unknown) => step.abort(error));
  try {
    const both = AbortSignal.any([signal, step.signal]);
    await withDeadline(clock, { milliseconds: Math.floor(limits.stepMs * 0.8), signal: both, expired: () => new ModelError('timeout') }, work);
  } finally {
    step.abort(new Error('the step is over'));
    await renewing;
  }
}

async function gatherOnce(options: BatchLoopOptions, signal: AbortSignal): Promise<'done' | 'nothing'> {
  const { turns, random, limits } = options;
  for (const reservation of await turns.abandoned()) await options.settle(reservation, { tokens: 0, microDollars: 0 });
  const batch = await turns.gather({ ...options.gather, leaseMs: limits.leaseMs }, random.id());
  if (batch === undefined) return 'nothing';
  await within(options, { id: batch.id, signal }, async (limited) => await submitBatch(options, batch, limited));
  return 'done';
}

async function lookOnce(options: BatchLoopOptions, signal: AbortSignal): Promise<'done' | 'nothing'> {
  const { turns, limits } = options;
  const batch = await turns.due(limits.leaseMs);
  if (batch === undefined) return 'nothing';
  try {
    await within(options, { id: batch.id, signal }, async (limited) => await lookAfter(options, batch, limited));
  } catch (error) {
    if (signal.aborted) throw error;
    if (!isInVain(error, batch, limits)) {
      // One whose submission was lost is left until nothing of it can be on its way.
      await turns.lookAgain(batch.id, batch.providerId === undefined ? limits.stepMs : nextLook(limits, batch.looks));
      throw error;
    }
    await giveUp(options, batch.id, error);
  }
  await options.wake();
  return 'done';
}

/** One round: sends what waits, looks after one batch that is due. */
export async function batchRound(options: BatchLoopOptions, signal: AbortSignal): Promise<'done' | 'nothing'> {
  let outcome: 'done' | 'nothing' = 'nothing';
  for (const step of [gatherOnce, lookOnce]) {
    try {
      if ((await step(options, signal)) === 'done') outcome = 'done';
    } catch (error) {
      if (signal.aborted) return 'nothing';
      if (error instanceof ModelError && error.failure === 'unauthorized') options.reloadKey();
      options.observe({ type: 'error', error });
    }
  }
  return outcome;
}

/** Sends turns by batch and brings their answers back, until the signal aborts. */
export async function runBatches(options: BatchLoopOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const outcome = await batchRound(options, signal);
    if (outcome === 'nothing') await sleep(options.clock, options.idleMs, signal).catch(() => undefined);
  }
}
