import type { AsyncLocalStorage } from 'node:async_hooks';
import { sleep } from '@sluice/evals/deadline';
import type { Clock } from '../../platform/clock.ts';
import { isTooLarge, ResponseTooLarge } from './bounded-fetch.ts';

/** A call of a tool, as what is sent for it knows it. */
export interface OpenCall {
  /** Ends with the call. */
  readonly signal: AbortSignal;
  /** The stream of the answer broke off. */
  readonly broke: (error: unknown) => void;
  /** So many bytes came, of any of its responses: a list has many pages, and a stream is taken up again. Throws when they are more than one call may bring. */
  readonly received: (bytes: number) => void;
  /** Waits until its stream may be asked for once more; throws when the call is over first. */
  readonly mayResume: () => Promise<void>;
}

/** Milliseconds from one request for a stream to the next, whatever the server says; doubled for each that came to its end so soon. */
const shortestPause = 250;
const longestPause = 5_000;

/** Bytes of all responses of one call. */
export const callBytes = 16_777_216;

/** How often a stream is taken up again: a server that closes it at once and says `retry: 0` would be asked without pause until the time of the tool is over. */
function pacing(clock: Clock, signal: AbortSignal): OpenCall['mayResume'] {
  let asked = clock.now();
  let pause = shortestPause;
  return async () => {
    const lasted = clock.now() - asked;
    if (lasted < pause) {
      await sleep(clock, pause - lasted, signal);
      pause = Math.min(pause * 2, longestPause);
    } else pause = shortestPause;
    asked = clock.now();
  };
}

/** `body`, and told when it breaks off; one that is given up does not. */
function watched(body: ReadableStream<Uint8Array>, { broke, received }: Pick<OpenCall, 'broke' | 'received'>): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let wanted: 'yes' | 'no' = 'yes';
  const counted = <T extends { readonly value?: Uint8Array | undefined }>(read: T): T => {
    received(read.value?.byteLength ?? 0);
    return read;
  };
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const read = await reader.read().then(counted).catch((error: unknown) => ({ error }));
      if (wanted === 'no') return;
      if ('error' in read) {
        controller.error(read.error);
        broke(read.error);
        // One that brought too much goes on otherwise.
        await reader.cancel(read.error).catch(() => undefined);
      } else if (read.done) controller.close();
      else controller.enqueue(read.value);
    },
    cancel: async (reason) => {
      wanted = 'no';
      await reader.cancel(reason);
    },
  });
}

/**
 * `send` for the call that it is made for. The library gives a signal to calls of the stateless revision only; those of older ones would keep their
 * connection, or go on asking for the rest of their stream, when their time is over, and wait for their time when their stream has broken off.
 */
export function callFetch(send: typeof fetch, calls: Pick<AsyncLocalStorage<OpenCall>, 'getStore'>): typeof fetch {
  return async (input, init) => {
    const call = calls.getStore();
    if (call === undefined) return await send(input, init);
    // 405 is how a server says that there is no such stream; what a call still posts after its end says that it is over.
    const isResumption = (init?.method ?? 'GET') === 'GET';
    if (isResumption) await call.mayResume().catch(() => undefined);
    if (call.signal.aborted) return isResumption ? new Response(null, { status: 405 }) : await send(input, init);
    const response = await send(input, { ...init, signal: init?.signal ? AbortSignal.any([init.signal, call.signal]) : call.signal });
    if (response.body === null) return response;
    const { status, statusText, headers } = response;
    return new Response(watched(response.body, call), { status, statusText, headers });
  };
}

/** The end of a call by its time, by its caller or by its stream. A stream that the server lets be taken up again may break, unless it is too large. */
export function openCall(signal: AbortSignal, clock: Clock): OpenCall & { readonly resumable: () => void; /** Why its stream broke. */ readonly broken: () => unknown } {
  const stream = new AbortController();
  let breaks: 'ends' | 'goes on' = 'ends';
  const ends = AbortSignal.any([signal, stream.signal]);
  let left = callBytes;
  return {
    signal: ends,
    mayResume: pacing(clock, ends),
    received: (bytes) => {
      left -= bytes;
      if (left < 0) throw new ResponseTooLarge(`more than ${callBytes} bytes in one call`);
    },
    broke: (error) => {
      if (breaks === 'ends' || isTooLarge(error)) stream.abort(error);
    },
    resumable: () => {
      breaks = 'goes on';
    },
    broken: () => (stream.signal.aborted ? stream.signal.reason : undefined),
  };
}
