import { Agent } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { quantile } from '../../kube/quantile.ts';
import { askStream, askWhole } from './exchange.ts';
import type { ClosedPlan, LoadResult, RatePlan } from './plan.ts';

/** More that wait for an answer are not sent: whoever is asked does not keep up. */
const mostWaiting = 2_000;
/** Milliseconds for what was sent last. */
const lastAnswers = 20_000;

interface Tally {
  readonly times: number[];
  readonly lags: number[];
  failed: number;
}

function resultOf({ times, lags, failed }: Tally, seconds: number): LoadResult {
  const [sorted, late] = [Float64Array.from(times).toSorted(), Float64Array.from(lags).toSorted()];
  return { answered: times.length, failed, p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99), seconds, lagP99: quantile(late, 0.99) };
}

/** Sends one request and gives how long it took; undefined when it failed. */
async function timed(plan: RatePlan | ClosedPlan, agent: Agent, signal: AbortSignal): Promise<number | undefined> {
  const startedAt = performance.now();
  const exchange = { url: plan.url, body: plan.body, agent, signal };
  try {
    if (plan.kind === 'closed' || plan.until === 'end') {
      await askWhole(exchange);
      return performance.now() - startedAt;
    }
    let firstAt = Number.NaN;
    await askStream(exchange, () => {
      firstAt = performance.now();
    });
    return firstAt - startedAt;
  } catch {
    return undefined;
  }
}

function count(tally: Tally, took: number | undefined): void {
  if (took === undefined) tally.failed += 1;
  else tally.times.push(took);
}

export async function runRate(plan: RatePlan): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true });
  const stop = new AbortController();
  const tally: Tally = { times: [], lags: [], failed: 0 };
  const waiting = new Set<Promise<void>>();
  const startedAt = performance.now();
  const total = Math.round(plan.rate * (plan.warmupSeconds + plan.seconds));
  const counted = Math.round(plan.rate * plan.warmupSeconds);
  for (let index = 0; index < total; index += 1) {
    const dueAt = startedAt + (index * 1_000) / plan.rate;
    while (performance.now() < dueAt) await wait(Math.max(1, dueAt - performance.now()));
    const into: Tally = index < counted ? { times: [], lags: [], failed: 0 } : tally;
    into.lags.push(performance.now() - dueAt);
    if (waiting.size >= mostWaiting) {
      into.failed += 1;
      continue;
    }
    const sent = timed(plan, agent, stop.signal).then((took) => count(into, took));
    waiting.add(sent);
    void sent.finally(() => waiting.delete(sent));
  }
  await Promise.race([Promise.all(waiting), wait(lastAnswers)]);
  const seconds = (performance.now() - startedAt) / 1_000 - plan.warmupSeconds;
  stop.abort();
  await Promise.all(waiting);
  agent.destroy();
  return resultOf(tally, seconds);
}

export async function runClosed(plan: ClosedPlan): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: plan.connections });
  const tally: Tally = { times: [], lags: [], failed: 0 };
  const countFrom = performance.now() + plan.warmupSeconds * 1_000;
  const until = countFrom + plan.seconds * 1_000;
  const stop = AbortSignal.timeout((plan.warmupSeconds + plan.seconds) * 1_000 + lastAnswers);
  const connection = async (): Promise<void> => {
    while (performance.now() < until) {
      const took = await timed(plan, agent, stop);
      if (performance.now() >= countFrom && performance.now() <= until) count(tally, took);
      // A server that refuses at once is not asked a hundred thousand times a second.
      if (took === undefined) await wait(10);
    }
  };
  await Promise.all(Array.from({ length: plan.connections }, connection));
  agent.destroy();
  return resultOf(tally, plan.seconds);
}
