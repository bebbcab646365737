import type { EvaluatedRun, MlflowServer } from '@sluice/evals';
import { systemClock } from '@sluice/kube';

/** Milliseconds since the epoch; any will do. */
export const systemTime = 1_800_000_000_000;

const passed: EvaluatedRun['outcomes'][number] = { name: 'returns', hard: true, weight: 1, tags: ['refund'], verdict: 'Passed', reason: '', score: 1, flaky: false, digest: 'sha256:1', latencyMs: 40 };
const failed: EvaluatedRun['outcomes'][number] = { ...passed, name: 'hours', hard: false, tags: [], verdict: 'Failed', reason: 'does not hold "Monday"', score: 0 };

/** One of two cases failed, which the stable agent passes. */
export const evaluated: EvaluatedRun = {
  suite: { name: 'golden', digest: 'sha256:2' },
  candidate: 'support@r2',
  baseline: 'support@r1',
  model: 'model-1',
  outcomes: [passed, failed],
  baselineOutcomes: [passed, { ...failed, verdict: 'Passed', reason: '', score: 1 }],
  verdict: { verdict: 'Fail', messages: ['1 of 2 cases passed, 100 % needed'] },
};

export function onServer(url: string, signal: AbortSignal): MlflowServer {
  const after = (milliseconds: number, task: () => void): (() => void) => {
    const timer = systemClock.setTimer(milliseconds, task);
    return () => timer.cancel();
  };
  return { url, fetch: globalThis.fetch, clock: { now: () => systemClock.monotonic(), after }, signal };
}
