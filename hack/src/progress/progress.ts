/** Where long work tells what it does. */
export interface Progress {
  /** Begins a step; exactly one of `done` and `failed` ends it. Steps may run side by side. `alreadyMs`: for so long it has run already. */
  step(title: string, alreadyMs?: number): ProgressStep;
}

export interface ProgressStep {
  /** What the step does now, in a few words. */
  update(detail: string): void;
  done(detail?: string): void;
  failed(reason: string): void;
}

/** Runs `work` as one step: ended as failed, with the error's message, when `work` throws. */
export async function withStep<T>(progress: Progress, title: string, work: (step: ProgressStep) => Promise<T>): Promise<T> {
  const step = progress.step(title);
  try {
    const result = await work(step);
    step.done();
    return result;
  } catch (error) {
    step.failed(error instanceof Error ? error.message : String(error));
    throw error;
  }
}

/** From so many milliseconds on people ask themselves what goes on. */
const SLOW_MS = 2_000;

/** Runs `work`, which usually takes no time, and is one step only where it takes more than two seconds. */
export async function withSlowStep<T>(progress: Progress, title: string, work: () => Promise<T>): Promise<T> {
  let step: ProgressStep | undefined;
  const timer = setTimeout(() => {
    step = progress.step(title, SLOW_MS);
  }, SLOW_MS);
  try {
    const result = await work();
    step?.done();
    return result;
  } catch (error) {
    step?.failed(error instanceof Error ? error.message : String(error));
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Tells nobody: for tests and for callers that report by themselves. */
export const silentProgress: Progress = {
  step: () => ({ update: () => undefined, done: () => undefined, failed: () => undefined }),
};
