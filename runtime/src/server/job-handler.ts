import type { Logger } from 'pino';
import type { Caller } from '../approvals/caller.ts';
import { WriteInFlight } from '../approvals/write-in-flight.ts';
import { TurnDeferred } from '../jobs/batches/turn-deferred.ts';
import { JobFailure, JobWaits } from '../jobs/worker/job-failure.ts';
import type { JobHandler, JobRun } from '../jobs/worker/job-handler.ts';
import type { Access } from './access/access.ts';
import type { Ask } from './ask.ts';
import type { InvokeRequest } from './contract.ts';
import type { InvocationListener } from './invocation.ts';
import { CallerLeft, problemOf } from './problem.ts';

/** What a job is, as it is kept. */
export interface JobPayload {
  readonly request: InvokeRequest;
  /** Who asked, with the roles of that time; of these it has those that are left when a worker takes it. */
  readonly principal: Caller;
  /** The same in every attempt: writes are made once under it. */
  readonly requestId: string;
  /** The request that writes are made under, where an earlier try of its key may have made some; not set: its own. */
  readonly writesAs?: string | undefined;
  readonly traceId: string;
  /** Where the request is in its trace, as W3C has it. */
  readonly traceparent?: string | undefined;
  /** Its owner can wait: the model may be asked by batch. */
  readonly batch?: 'tolerated' | undefined;
}

/** Tells events in their order, behind the work. What cannot be told is not the work's fault: the next heartbeat sees to it. */
function createTeller(run: JobRun): { readonly tell: (type: string, data: unknown) => void; readonly told: () => Promise<void> } {
  let last = Promise.resolve();
  return {
    tell: (type, data) => {
      last = last.then(() => run.emit(type, data)).catch(() => undefined);
    },
    told: () => last,
  };
}

/** A fault of the request stays one; anything else may pass. A write that a lost attempt had begun is over when it is taken for lost. */
function toFailure(error: unknown): JobFailure {
  if (error instanceof WriteInFlight) return new JobFailure(error.message, { retry: 'later', afterMs: error.retryAfterMs, cause: error });
  const { detail, outcome, retryAfterSeconds, status } = problemOf(error);
  const retry = outcome === 'rejected' && status !== 429 && status !== 409 ? 'never' : 'later';
  return new JobFailure(detail, { retry, afterMs: retryAfterSeconds === undefined ? undefined : retryAfterSeconds * 1_000, cause: error });
}

export interface JobHandlerOptions {
  readonly ask: Ask;
  readonly access: Pick<Access, 'standing'>;
  readonly logger: Logger;
  readonly policyVersion: string;
}

/** A job was authorised when it was taken in, which may be long ago: whoever may not ask any more has no writes made either. */
function callerOf({ principal }: JobPayload, { standing }: Pick<Access, 'standing'>): Caller {
  const caller = standing(principal);
  if (caller === undefined) throw new JobFailure('Whoever asked for this job may not ask this agent any more', { retry: 'never' });
  return caller;
}

/** Lets the agent answer a job. Throws JobFailure. */
export function createJobHandler({ ask, access, logger, policyVersion }: JobHandlerOptions): JobHandler {
  return async (run) => {
    const payload = run.job.payload as JobPayload;
    const { request, requestId, writesAs, traceId, batch } = payload;
    const principal = callerOf(payload, access);
    // A conversation would move on while a batch of it waits.
    const waitsAs = batch === 'tolerated' && request.session_id === undefined ? run.job.id : undefined;
    const stopped = new AbortController();
    const onStop = (): void => stopped.abort(new CallerLeft('The job was stopped'));
    if (run.signal.aborted) onStop();
    run.signal.addEventListener('abort', onStop, { once: true });
    const { tell, told } = createTeller(run);
    const listener: InvocationListener = {
      onStart: () => tell('start', { request_id: requestId, policy_version: policyVersion, attempt: run.job.attempts }),
      onToolCall: (event) => tell('tool_call', event),
      onToolResult: ({ tool, ref, ok }) => tell('tool_result', { tool, ref, ok }),
    };
    const log = logger.child({ request_id: requestId, trace_id: traceId, job_id: run.job.id, attempt: run.job.attempts });
    try {
      return await ask(request, { requestId, writesAs, traceId, principal, tries: 'several', waitsAs, signal: stopped.signal, listener, log });
    } catch (error) {
      if (error instanceof TurnDeferred) throw new JobWaits(error.longestMs);
      throw toFailure(error);
    } finally {
      run.signal.removeEventListener('abort', onStop);
      await told();
    }
  };
}
