import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../platform/clock-fake.ts';
import { boundedFetch } from './bounded-fetch.ts';
import { callBytes, callFetch, openCall, type OpenCall } from './call-fetch.ts';

function recording() {
  const sent: (RequestInit | undefined)[] = [];
  const send: typeof fetch = async (_input, init) => {
    sent.push(init);
    return new Response('{}');
  };
  const calls = new AsyncLocalStorage<OpenCall>();
  return { sent, calls, fetched: callFetch(send, calls) };
}

const url = 'https://tools.example.com/mcp';

describe('callFetch', () => {
  it('ends what is sent for a call with the call, or with the connection', async () => {
    const { sent, calls, fetched } = recording();
    const [call, connection] = [new AbortController(), new AbortController()];
    await calls.run(openCall(call.signal, createFakeClock()), async () => await fetched(url, { method: 'POST', signal: connection.signal }));
    await calls.run(openCall(new AbortController().signal, createFakeClock()), async () => await fetched(url, { method: 'POST', signal: connection.signal }));
    call.abort();
    expect(sent.map((init) => init?.signal?.aborted)).toEqual([true, false]);
    connection.abort();
    expect(sent[1]?.signal?.aborted).toBe(true);
  });

  it('takes no stream up again for a call that is over, and lets it say so', async () => {
    const { sent, calls, fetched } = recording();
    await calls.run(openCall(AbortSignal.abort(), createFakeClock()), async () => {
      expect((await fetched(url, { headers: { 'last-event-id': '7' } })).status).toBe(405);
      expect((await fetched(url, { method: 'POST' })).status).toBe(200);
    });
    expect(sent).toHaveLength(1);
    expect(sent[0]?.signal).toBeUndefined();
  });

  it('leaves alone what is sent for no call', async () => {
    const { sent, fetched } = recording();
    const init = { method: 'POST' };
    await fetched(url, init);
    expect(sent[0]).toBe(init);
  });

  it.each([
    ['breaks off', 'never', 'connection reset', 'connection reset'],
    ['breaks off and may be taken up again', 'resumable', 'connection reset', undefined],
    ['is too large', 'never', undefined, 'more than 3 bytes'],
    ['is too large, and would be again', 'resumable', undefined, 'more than 3 bytes'],
    ['comes whole', 'never', 'end', undefined],
  ])('tells a call whose stream %s', async (_, kind, end, broken) => {
    const answer = async (): Promise<Response> =>
      new Response(
        new ReadableStream<Uint8Array>({
          pull: (controller) => {
            if (end === undefined) controller.enqueue(new Uint8Array(4));
            else if (end === 'end') controller.close();
            else controller.error(new Error(end));
          },
        }),
      );
    const calls = new AsyncLocalStorage<OpenCall>();
    const call = openCall(new AbortController().signal, createFakeClock());
    if (kind === 'resumable') call.resumable();
    const response = await calls.run(call, async () => await callFetch(boundedFetch(answer, 3), calls)(url, { method: 'POST' }));
    const read = response.text().then(() => 'whole', () => 'broken');
    expect(await read).toBe(end === 'end' ? 'whole' : 'broken');
    const reason = call.broken();
    expect(reason instanceof Error ? reason.message : reason).toBe(broken);
    expect(call.signal.aborted).toBe(broken !== undefined);
  });

  it('ends a call whose responses are too large together, as pages without end are', async () => {
    const calls = new AsyncLocalStorage<OpenCall>();
    const call = openCall(new AbortController().signal, createFakeClock());
    call.resumable();
    const fetched = callFetch(async () => new Response(new Uint8Array(callBytes / 4)), calls);
    const read = async (): Promise<number> => (await (await calls.run(call, async () => await fetched(url, { method: 'POST' }))).arrayBuffer()).byteLength;
    for (let page = 0; page < 4; page += 1) expect(await read()).toBe(callBytes / 4);
    expect(call.signal.aborted).toBe(false);
    await expect(read()).rejects.toThrow('more than 16777216 bytes in one call');
    expect(call.broken()).toMatchObject({ code: 'RESPONSE_TOO_LARGE' });
  });

  it('tells a call nothing of an answer that it gives up itself', async () => {
    const calls = new AsyncLocalStorage<OpenCall>();
    const call = openCall(new AbortController().signal, createFakeClock());
    const answer = async (): Promise<Response> => new Response(new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(new Uint8Array(4)) }));
    const response = await calls.run(call, async () => await callFetch(answer, calls)(url, { method: 'POST' }));
    await response.body?.cancel();
    expect([call.broken(), call.signal.aborted]).toEqual([undefined, false]);
  });
});
