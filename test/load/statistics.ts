import { LatencyHistogram } from './histogram.ts';
import type { Outcome } from './outcome.ts';
import type { LoadReport, RevisionReport } from './report.ts';

/** How one request ended. */
export interface FinishedRequest {
  readonly requestId: string;
  /** From the response header; undefined when there was none. */
  readonly revision: string | undefined;
  readonly outcome: Outcome;
  readonly latencyMs: number;
  /** Since the start of the run. */
  readonly atSeconds: number;
}

const NO_REVISION = 'none';
/** Bounds of memory: what comes above them is counted under `other`. */
const MAX_REVISIONS = 64;
const MAX_REASONS = 64;
const MAX_EXAMPLES = 5;
const OTHER = 'other';

type Example = LoadReport['failureExamples'][number];

/** Successes, failures by reason and latency of one group of requests. Latency is that of the successful ones. */
class Tally {
  succeeded = 0;
  failed = 0;
  readonly #failures = new Map<string, number>();
  readonly #latency = new LatencyHistogram();
  #reported = { succeeded: 0, failed: 0 };

  add({ outcome, latencyMs }: FinishedRequest): void {
    if (outcome.ok) {
      this.succeeded += 1;
      this.#latency.add(latencyMs);
      return;
    }
    this.failed += 1;
    const reason = bounded(this.#failures, outcome.reason, MAX_REASONS);
    this.#failures.set(reason, (this.#failures.get(reason) ?? 0) + 1);
  }

  /** Totals, and what came since the last call. */
  take(): RevisionReport {
    const { succeeded, failed } = this;
    const lastSecond = { succeeded: succeeded - this.#reported.succeeded, failed: failed - this.#reported.failed };
    this.#reported = { succeeded, failed };
    const latencyMs = { p50: this.#latency.quantile(0.5), p95: this.#latency.quantile(0.95) };
    return { succeeded, failed, failures: Object.fromEntries(this.#failures), latencyMs, lastSecond };
  }
}

/** The counts of a run, in bounded memory. */
export class LoadStatistics {
  readonly #runId: string;
  readonly #targetRate: number;
  readonly #total = new Tally();
  readonly #revisions = new Map<string, Tally>();
  #examples: Example[] = [];
  #sent = 0;
  #reportedSent = 0;
  #dropped = 0;

  constructor({ runId, targetRate }: { readonly runId: string; readonly targetRate: number }) {
    this.#runId = runId;
    this.#targetRate = targetRate;
  }

  get inFlight(): number {
    return this.#sent - this.#total.succeeded - this.#total.failed;
  }

  sent(): void {
    this.#sent += 1;
  }

  dropped(): void {
    this.#dropped += 1;
  }

  finished(request: FinishedRequest): void {
    const revision = bounded(this.#revisions, request.revision ?? NO_REVISION, MAX_REVISIONS);
    const tally = this.#revisions.get(revision) ?? new Tally();
    this.#revisions.set(revision, tally);
    this.#total.add(request);
    tally.add(request);
    if (!request.outcome.ok && this.#examples.length < MAX_EXAMPLES) {
      const { reason, detail } = request.outcome;
      this.#examples.push({ requestId: request.requestId, revision, reason, detail, atSeconds: request.atSeconds });
    }
  }

  /** The next line; `lastSecond` and `failureExamples` start anew. */
  report({ elapsedSeconds, final }: { readonly elapsedSeconds: number; readonly final: boolean }): LoadReport {
    const { lastSecond, ...total } = this.#total.take();
    const sentSince = this.#sent - this.#reportedSent;
    this.#reportedSent = this.#sent;
    const failureExamples = this.#examples;
    this.#examples = [];
    return {
      type: 'load',
      runId: this.#runId,
      final,
      elapsedSeconds,
      targetRate: this.#targetRate,
      sent: this.#sent,
      ...total,
      inFlight: this.inFlight,
      dropped: this.#dropped,
      lastSecond: { ...lastSecond, sent: sentSince },
      revisions: Object.fromEntries([...this.#revisions].map(([name, tally]) => [name, tally.take()])),
      failureExamples,
    };
  }
}

function bounded(known: ReadonlyMap<string, unknown>, key: string, limit: number): string {
  return known.has(key) || known.size < limit ? key : OTHER;
}
