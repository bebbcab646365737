import type { Job } from '../../jobs/job.ts';
import { JobWaits } from '../../jobs/worker/job-failure.ts';
import type { CallbackDue } from '../../jobs/callbacks/callback-queue.ts';
import type { JobHandler } from '../../jobs/worker/job-handler.ts';
import type { JobPayload } from '../../server/job-handler.ts';
import { ownTraceContext } from '../../server/request-id.ts';
import { readTraceContext } from './trace-context.ts';
import { errorType, type OpenSpan, type Tracing } from './tracing.ts';

/** A job goes on with the trace of the request that made it. */
function begin(tracing: Tracing, span: 'job' | 'callback', { id, payload, attempts }: Job, attempt: number = attempts): OpenSpan {
  const { requestId, traceparent } = payload as JobPayload;
  const given = readTraceContext({ traceparent });
  return tracing.begin({ span, attributes: { 'sluice.job_id': id, 'sluice.attempt': attempt }, requestId, context: given ?? ownTraceContext(requestId), parent: given === undefined ? 'none' : 'remote' });
}

async function told<T>(span: OpenSpan, work: () => Promise<T>): Promise<T> {
  try {
    return await span.run(work);
  } catch (error) {
    if (error instanceof JobWaits) span.set({ 'sluice.outcome': 'waiting' });
    else span.fail(errorType(error));
    throw error;
  } finally {
    span.end();
  }
}

/** Tells of each attempt at a job. */
export function traceJobs(handler: JobHandler, tracing: Tracing): JobHandler {
  return async (run) => {
    const span = begin(tracing, 'job', run.job);
    return await told(span, async () => {
      const result = await handler(run);
      span.set({ 'sluice.outcome': 'succeeded' });
      return result;
    });
  };
}

/** Tells of a try to deliver a callback, whose request carries the context. */
export async function traceCallback(tracing: Tracing, due: CallbackDue, send: () => Promise<{ readonly status: number }>): Promise<{ readonly status: number }> {
  const span = begin(tracing, 'callback', due.job, due.attempt);
  return await told(span, async () => {
    const response = await send();
    span.set({ 'http.response.status_code': response.status });
    if (response.status >= 300) span.fail(String(response.status));
    return response;
  });
}
