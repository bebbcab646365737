import { TaskState, type Message, type SendMessageRequest, type Task } from '@a2a-js/sdk';
import { RequestMalformedError, UnsupportedOperationError } from '@a2a-js/sdk/errors';
import { sleep } from '@sluice/evals/deadline';
import { a2aPath } from '../agent-card/well-known.ts';
import type { Caller } from '../approvals/caller.ts';
import { requestFingerprint } from '../idempotency/fingerprint.ts';
import type { IdempotencyClaim, IdempotencyStore, StoredResponse } from '../idempotency/idempotency-store.ts';
import type { ActiveRequests } from '../lifecycle/active-requests.ts';
import type { Clock } from '../platform/clock.ts';
import type { KeyedRequest } from '../server/idempotent.ts';
import { StoreError } from '../store/store-error.ts';
import { hasEnded } from './task-store.ts';
import { taskOfText, taskText } from './task-text.ts';

/** What a message that is sent meets: it is the first of its id, or there is a task of it, which runs here or has ended anywhere. */
export type Sent = FirstMessage | { readonly kind: 'runs'; readonly taskId: string; readonly ended: Promise<Task> } | { readonly kind: 'ended'; readonly task: Task };

/** `name` is not set of one that nothing is kept of. */
export interface FirstMessage {
  readonly kind: 'first';
  readonly name?: string | undefined;
  /** The request that writes are made under: that of the first try, where the replica that made it died. */
  readonly writesAs?: string | undefined;
}

/** Which tasks came of which messages: one that is sent again, here or at another replica, is answered with its first task. */
export interface SentMessages {
  /** Waits for the end of a task that another replica works on. Throws A2AError for the id of another message, StoreError, and why waiting was cut. */
  readonly begin: (params: SendMessageRequest, asked: { readonly caller: Caller; readonly requestId: string }) => Promise<Sent>;
  /** Told of a task as it is kept from now on. */
  readonly saved: (task: Task, first: FirstMessage) => Promise<void>;
  /** The call is over; without a task its message may be sent again. */
  readonly over: (sent: Sent | undefined) => Promise<void>;
}

export interface SentMessagesOptions {
  readonly store: IdempotencyStore;
  readonly clock: Clock;
  readonly active: ActiveRequests;
  /** Of one task, in milliseconds. */
  readonly requestTimeoutMs: number;
  /** `writes`: without a store no message is taken, as one sent again could write again. */
  readonly tools: 'writes' | 'reads';
  readonly onLost: (error: unknown) => void;
}

interface Running {
  readonly claim: IdempotencyClaim;
  /** Undefined: it became no task. */
  readonly task: PromiseWithResolvers<string | undefined>;
  readonly ended: PromiseWithResolvers<Task>;
  state: 'asked' | 'task';
}

const idPattern = /^[^\p{Cc}\p{Cs}]{1,255}$/u;
const firstLookMilliseconds = 250;
const longestLookMilliseconds = 2_000;
/** Calls that wait for other replicas at a time; each asks the store again and again. */
const maximumWaiting = 100;

function keyedMessage({ messageId, ...asked }: Message, { tenant: named, metadata }: SendMessageRequest, { caller: { tenant, subject, authority }, requestId }: { readonly caller: Caller; readonly requestId: string }): KeyedRequest {
  if (!idPattern.test(messageId)) throw new RequestMalformedError('params.message.messageId must be 1 to 255 characters without control characters, for example a UUID');
  return { scope: JSON.stringify([tenant, subject, a2aPath]), key: messageId, authority, requestId, fingerprint: requestFingerprint({ method: 'SendMessage', path: a2aPath, body: JSON.parse(JSON.stringify([asked, named, metadata ?? {}])) }) };
}

/** The agent never began with it: it says when to come back, and the same message may. */
function isTurnedAway({ status, metadata }: Task): boolean {
  return status?.state === TaskState.TASK_STATE_REJECTED && metadata?.['problem'] !== undefined;
}

function kept(task: Task): StoredResponse {
  return { status: 200, headers: {}, body: taskText(task) };
}

const busyElsewhere = 'A message of this messageId is being answered by another replica; send it again later';

export function createSentMessages(options: SentMessagesOptions): SentMessages {
  const { store, clock, active, requestTimeoutMs, tools, onLost } = options;
  const running = new Map<string, Running>();
  let waiting = 0;

  const start = (name: string, claim: IdempotencyClaim): FirstMessage => {
    running.set(name, { claim, task: Promise.withResolvers(), ended: Promise.withResolvers(), state: 'asked' });
    return { kind: 'first', name, writesAs: claim.firstRequestId };
  };

  /** `again`: nobody has it any more, or it may be asked for again. */
  const look = async (keyed: KeyedRequest, name: string): Promise<Sent | 'elsewhere' | 'again'> => {
    const begun = await store.begin(keyed);
    if (begun.outcome === 'other-payload') throw new RequestMalformedError('params.message.messageId was used for another message; make a new one for each message');
    if (begun.outcome === 'started') return start(name, begun.claim);
    if (begun.outcome === 'replay') return { kind: 'ended', task: taskOfText(begun.response.body) };
    const here = running.get(name);
    if (here === undefined) return 'elsewhere';
    const taskId = await here.task.promise;
    return taskId === undefined ? 'again' : { kind: 'runs', taskId, ended: here.ended.promise };
  };

  const wait = async (keyed: KeyedRequest, name: string): Promise<Sent> => {
    const controller = new AbortController();
    const leave = active.add(controller);
    const until = clock.now() + requestTimeoutMs;
    waiting += 1;
    try {
      for (let pause = firstLookMilliseconds; clock.now() < until; pause = Math.min(pause * 2, longestLookMilliseconds)) {
        await sleep(clock, pause, controller.signal);
        const seen = await look(keyed, name);
        if (typeof seen !== 'string') return seen;
      }
    } finally {
      waiting -= 1;
      leave();
    }
    throw new UnsupportedOperationError(busyElsewhere);
  };

  const keep = async (name: string, { claim, ended }: Running, task: Task): Promise<void> => {
    running.delete(name);
    // That it cannot be kept takes nothing from whoever waits for it.
    await (isTurnedAway(task) ? store.release(claim) : store.complete(claim, kept(task))).catch(onLost);
    ended.resolve(task);
  };

  return {
    begin: async (params, asked) => {
      const { message } = params;
      // One for a task that is there makes none.
      if (message === undefined || message.taskId !== '') return { kind: 'first' };
      const keyed = keyedMessage(message, params, asked);
      const name = JSON.stringify([keyed.scope, keyed.key, keyed.authority ?? '']);
      try {
        const seen = await look(keyed, name);
        if (typeof seen !== 'string') return seen;
        if (waiting >= maximumWaiting) throw new UnsupportedOperationError(busyElsewhere);
        return await wait(keyed, name);
      } catch (error) {
        if (!(error instanceof StoreError) || tools === 'writes') throw error;
        onLost(error);
        return { kind: 'first' };
      }
    },
    saved: async (task, { name }) => {
      const here = name === undefined ? undefined : running.get(name);
      if (name === undefined || here === undefined) return;
      here.state = 'task';
      here.task.resolve(task.id);
      if (hasEnded(task)) await keep(name, here, task);
    },
    over: async (sent) => {
      const name = sent?.kind === 'first' ? sent.name : undefined;
      const here = name === undefined ? undefined : running.get(name);
      if (name === undefined || here === undefined || here.state === 'task') return;
      running.delete(name);
      await store.release(here.claim).catch(onLost);
      here.task.resolve(undefined);
    },
  };
}
