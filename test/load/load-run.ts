import type { Clock } from './clock.ts';
import type { Invoke } from './invoke.ts';
import { plan, type Mix, type PlannedRequest } from './mix.ts';
import type { LoadReport } from './report.ts';
import { LoadStatistics } from './statistics.ts';

export interface LoadRunOptions {
  /** Requests a second. */
  readonly rate: number;
  /** Seconds; undefined: until the signal aborts. */
  readonly durationSeconds: number | undefined;
  /** Requests in flight above which the next is dropped, and counted as dropped. */
  readonly maxInFlight: number;
  readonly mix: Mix;
  readonly runId: string;
}

export interface LoadRunParts {
  readonly invoke: Invoke;
  readonly clock: Clock;
  readonly random: () => number;
  /** Takes a report a second, and the final one. */
  readonly emit: (report: LoadReport) => void;
  /** Ends the sending; requests in flight are still waited for. */
  readonly signal: AbortSignal;
}

const REPORT_EVERY_MS = 1000;

/**
 * Open-loop load: request n is due at n / rate seconds, however long the earlier ones take, so a duration sends exactly rate * duration.
 * Resolves with the final report.
 */
export async function runLoad(options: LoadRunOptions, parts: LoadRunParts): Promise<LoadReport> {
  const { clock, signal } = parts;
  const statistics = new LoadStatistics({ runId: options.runId, targetRate: options.rate });
  const start = clock.now();
  const last = options.durationSeconds === undefined ? Infinity : Math.ceil(options.durationSeconds * options.rate);
  const dueAt = (index: number): number => start + (index * 1000) / options.rate;
  const inFlight = new Set<Promise<void>>();
  const report = (kind: 'Interim' | 'Final'): LoadReport => statistics.report({ elapsedSeconds: Math.round(clock.now() - start) / 1000, final: kind === 'Final' });
  let index = 0;
  let nextReport = start + REPORT_EVERY_MS;
  while (!signal.aborted && index < last) {
    for (; index < last && dueAt(index) <= clock.now(); index += 1) send({ options, parts, statistics, start, inFlight, index });
    if (clock.now() >= nextReport) {
      parts.emit(report('Interim'));
      nextReport += REPORT_EVERY_MS;
    }
    if (index < last) await clock.sleep(Math.min(dueAt(index), nextReport) - clock.now(), signal);
  }
  await Promise.all(inFlight);
  const final = report('Final');
  parts.emit(final);
  return final;
}

interface Sending {
  readonly options: LoadRunOptions;
  readonly parts: LoadRunParts;
  readonly statistics: LoadStatistics;
  readonly start: number;
  readonly inFlight: Set<Promise<void>>;
  readonly index: number;
}

function send({ options, parts, statistics, start, inFlight, index }: Sending): void {
  const planned = plan(options.mix, `load-${options.runId}-${index + 1}`, parts.random);
  if (statistics.inFlight >= options.maxInFlight) {
    statistics.dropped();
    return;
  }
  statistics.sent();
  const done = finish({ parts, statistics, start, planned });
  inFlight.add(done);
  void done.finally(() => inFlight.delete(done));
}

async function finish({ parts, statistics, start, planned }: Pick<Sending, 'parts' | 'statistics' | 'start'> & { readonly planned: PlannedRequest }): Promise<void> {
  const sentAt = parts.clock.now();
  const { revision, outcome } = await parts.invoke(planned);
  const now = parts.clock.now();
  statistics.finished({ requestId: planned.body.request_id, revision, outcome, latencyMs: now - sentAt, atSeconds: Math.round(now - start) / 1000 });
}
