import type { Logger } from 'pino';
import type { StateSettings } from '../config/state-settings.ts';
import type { HttpTransport } from '../egress/transport.ts';
import { deliverCallbacks } from '../jobs/callbacks/callback-loop.ts';
import { callbackEgress } from '../jobs/callbacks/callback-target.ts';
import type { CallbackSender } from '../jobs/callbacks/deliver-callbacks.ts';
import { defaultJobLimits } from '../jobs/job-limits.ts';
import { listenForJobs } from '../jobs/worker/listen-for-jobs.ts';
import { keepListening } from '../store/bus/keep-listening.ts';
import { createWorker, type WorkerEvent } from '../jobs/worker/worker.ts';
import { systemClock } from '../platform/clock-system.ts';
import { systemWallClock } from '../platform/wall-clock-system.ts';
import { createJobHandler, type JobPayload } from '../server/job-handler.ts';
import type { RouteContext } from '../server/routes/route-context.ts';
import type { JobMetrics } from '../telemetry/job-metrics.ts';
import { traceCallback, traceJobs } from '../telemetry/tracing/traced-jobs.ts';
import type { Tracing } from '../telemetry/tracing/tracing.ts';
import type { BatchJobs } from './batch-jobs.ts';
import type { OpenState } from './open-state.ts';

export interface JobLoopOptions {
  readonly settings: StateSettings;
  /** Started with the worker; not set: nothing is asked by batch. */
  readonly batches?: Pick<BatchJobs, 'start'> | undefined;
  readonly kept: OpenState;
  readonly context: Pick<RouteContext, 'ask' | 'access' | 'policyVersion'>;
  readonly transport: HttpTransport;
  readonly logger: Logger;
  readonly metrics: JobMetrics;
  readonly tracing: Tracing;
  /** Names this process among the workers. */
  readonly name: string;
}

export interface JobLoop {
  readonly start: () => void;
  /** Takes no more jobs, gives those that run `graceMs` milliseconds and hands the rest over to other workers. */
  readonly drain: (graceMs: number) => Promise<DrainedJobs>;
}

/** Attempts at jobs that ended after the signal. */
export interface DrainedJobs {
  readonly finished: number;
  readonly handedOver: number;
}

const pollMilliseconds = 2_000;
/** Between two tries to listen to a bus that is away. */
const listenAgainMilliseconds = 5_000;
const callbackTimeoutMilliseconds = 10_000;
/** At a time, of each process; and of these to one receiver. */
const callbackConcurrency = 16;
const callbacksPerReceiver = 4;

function callbackSender(transport: HttpTransport, { callbackHosts }: StateSettings): CallbackSender {
  return async ({ url: text, headers, body, signal }) => {
    const url = new URL(text);
    const response = await transport.send({ url, method: 'POST', headers, body, egress: callbackEgress(url, callbackHosts) }, signal);
    await response.discard();
    return { status: response.status };
  };
}

function observer({ logger, metrics }: JobLoopOptions, onEnded: (outcome: string) => void): (event: WorkerEvent) => void {
  return (event) => {
    if (event.type === 'store-error') return logger.warn({ err: event.error }, 'the store of jobs did not answer');
    if (event.type === 'started') return;
    const { lease, outcome, milliseconds, error } = event;
    metrics.ended(outcome);
    onEnded(outcome);
    const { requestId, traceId } = lease.job.payload as JobPayload;
    logger.info({ request_id: requestId, trace_id: traceId, job_id: lease.job.id, attempt: lease.job.attempts, outcome, duration_ms: Math.round(milliseconds), err: error }, 'attempt at a job ended');
  };
}

/** The worker of this process and its messenger for callbacks. */
export function createJobLoop(options: JobLoopOptions): JobLoop {
  const { settings, kept, context, transport, logger, metrics, name } = options;
  const { jobs, bus } = kept.state;
  const { tracing } = options;
  let ended = 0;
  let handedOver = 0;
  const countEnd = (outcome: string): void => {
    if (outcome === 'handed-over') handedOver += 1;
    else ended += 1;
  };
  const handler = traceJobs(createJobHandler({ ...context, logger }), tracing);
  const worker = createWorker({ store: jobs, handler, name, clock: systemClock, concurrency: settings.jobConcurrency, leaseMs: defaultJobLimits.leaseMs, pollMs: pollMilliseconds, observe: observer(options, countEnd) });
  const stop = new AbortController();
  metrics.watch(worker.running);
  const deliver = (): Promise<void> =>
    deliverCallbacks({
      queue: jobs.callbacks,
      send: callbackSender(transport, settings),
      secrets: settings.callbackSecrets,
      clock: systemClock,
      wallClock: systemWallClock,
      timeoutMs: callbackTimeoutMilliseconds,
      around: (due, send) => traceCallback(tracing, due, send),
      idleMs: pollMilliseconds,
      concurrency: callbackConcurrency,
      perReceiver: callbacksPerReceiver,
      onError: (error) => logger.warn({ err: error }, 'callbacks could not be looked for'),
      onFailure: ({ job, attempt }, reason) => logger.warn({ job_id: job.id, attempt, ...('status' in reason ? { status: reason.status } : { err: reason.error }) }, 'a callback was not taken'),
    }, stop.signal);
  let running: readonly Promise<void>[] = [];
  let stopListening = async (): Promise<void> => {};
  return {
    start: () => {
      if (settings.jobConcurrency === 0) return;
      options.batches?.start();
      stopListening = keepListening(() => listenForJobs(worker, bus), { clock: systemClock, pauseMs: listenAgainMilliseconds, onDeaf: (error) => logger.warn({ err: error }, 'jobs are looked for, not heard of') });
      running = [worker.run(), deliver()];
    },
    drain: async (graceMs) => {
      const before = ended;
      await worker.drain(graceMs);
      stop.abort();
      await Promise.all(running);
      await stopListening();
      return { finished: ended - before, handedOver };
    },
  };
}
