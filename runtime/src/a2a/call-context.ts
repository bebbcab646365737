import { ServerCallContext } from '@a2a-js/sdk/server';
import type { FastifyBaseLogger } from 'fastify';
import type { Question } from '../agent-card/question.ts';
import { anonymous, type Caller } from '../approvals/caller.ts';
import { StoreError } from '../store/store-error.ts';
import type { Sent } from './sent-messages.ts';

/** One call of the protocol, as the HTTP request brought it. */
export interface A2aCall {
  readonly principal: Caller;
  readonly requestId: string;
  readonly traceId: string;
  readonly log: FastifyBaseLogger;
  /** Of a call that sends a message. */
  readonly question: Question | undefined;
  readonly answers: 'whole' | 'streamed';
  /** What the message meets; not set for a call that sends none. */
  readonly sent: Sent | undefined;
  /** Of a call that tells of a task: its caller has left, or is to go to another replica. */
  readonly over: AbortSignal;
}

/** Carries the call through the library to where it is answered. Tasks belong to the tenant, the subject and the authority of the caller. */
export class A2aCallContext extends ServerCallContext {
  readonly call: A2aCall;
  #storeError: StoreError | undefined;

  constructor(call: A2aCall, requestedVersion: string) {
    const { tenant, subject, authority } = call.principal;
    super({ user: { isAuthenticated: call.principal !== anonymous, userName: JSON.stringify([tenant, subject, authority]) }, requestedVersion });
    this.call = call;
  }

  /** Keeps what the store could not do, of which the library would make an error of its own. */
  noteStoreError(error: unknown): void {
    if (error instanceof StoreError) this.#storeError = error;
  }

  storeError(): StoreError | undefined {
    return this.#storeError;
  }
}
