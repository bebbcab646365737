import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../platform/clock-fake.ts';
import { createFakeWallClock } from '../../platform/wall-clock-fake.ts';
import type { Job } from '../job.ts';
import { deliverCallbacks } from './callback-loop.ts';
import type { CallbackDue, CallbackQueue } from './callback-queue.ts';
import { deliverOne, type CallbackSender } from './deliver-callbacks.ts';
import { secretBytes, signCallback, verifyCallback } from './signature.ts';

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const other = `whsec_${Buffer.alloc(32, 8).toString('base64')}`;
const time = { nowSeconds: 1_000_000, toleranceSeconds: 300 };

describe('signatures', () => {
  it('are those of the Standard Webhooks specification', () => {
    // The example of the specification's own documents.
    const headers = signCallback({ id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', atSeconds: 1_614_265_330, body: '{"test": 2432232314}' }, ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw']);
    expect(headers['webhook-signature']).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  it('hold for the message that was signed, with either secret while it is changed', () => {
    fc.assert(
      fc.property(fc.string(), (body) => {
        const headers = { ...signCallback({ id: 'job-1', atSeconds: time.nowSeconds, body }, [secret, other]) };
        expect(verifyCallback({ headers, body }, secret, time)).toBe('valid');
        expect(verifyCallback({ headers, body }, other, time)).toBe('valid');
        expect(verifyCallback({ headers, body: `${body} ` }, secret, time)).toBe('bad-signature');
      }),
    );
  });

  it.each([
    ['another id', { 'webhook-id': 'job-2' }, 'bad-signature'],
    ['another time', { 'webhook-timestamp': '999999' }, 'bad-signature'],
    ['no time', { 'webhook-timestamp': 'now' }, 'malformed'],
    ['no signature', { 'webhook-signature': undefined }, 'malformed'],
    ['another version', { 'webhook-signature': 'v2,AAAA' }, 'bad-signature'],
  ])('do not hold for %s', (_case, changed, expected) => {
    const headers = { ...signCallback({ id: 'job-1', atSeconds: time.nowSeconds, body: '{}' }, [secret]), ...changed };
    expect(verifyCallback({ headers, body: '{}' }, secret, time)).toBe(expected);
  });

  it.each([-301, 301])('do not hold %i seconds away', (away) => {
    const headers = { ...signCallback({ id: 'job-1', atSeconds: time.nowSeconds + away, body: '{}' }, [secret]) };
    expect(verifyCallback({ headers, body: '{}' }, secret, time)).toBe('too-old');
  });

  it('refuse a secret that is too short, without showing it', () => {
    expect(() => secretBytes('whsec_c2hvcnQ=')).toThrow('a callback secret has 5 bytes: write "whsec_" and 24 to 64 random bytes in base64');
  });
});

const job: Job = { id: 'job-1', owner: { tenant: 'a', subject: 'ann' }, state: 'succeeded', priority: 0, payload: { secret: 1 }, attempts: 1, maxAttempts: 3, cancelRequested: false, result: { answer: '42' }, createdAt: 0, runAt: 0, finishedAt: 1_767_225_600_000 };

function delivery(send: CallbackSender) {
  const settled: string[] = [];
  const failures: unknown[] = [];
  const due: CallbackDue = { job, url: 'https://a.example/done', attempt: 1, fence: 1 };
  const queue: CallbackQueue = {
    claim: async () => due,
    delivered: async () => {
      settled.push('delivered');
      return 'recorded';
    },
    undelivered: async () => {
      settled.push('undelivered');
      return 'later';
    },
  };
  const clock = createFakeClock();
  const wallClock = createFakeWallClock(time.nowSeconds * 1_000);
  const options = { queue, send, secrets: () => [secret], clock, wallClock, timeoutMs: 1_000, onFailure: (_due: CallbackDue, reason: unknown) => failures.push(reason) };
  return { settled, failures, clock, deliver: (signal = new AbortController().signal) => deliverOne(options, due, signal) };
}

describe('delivery', () => {
  it('posts the end of the job, signed, without its payload', async () => {
    const sent: Parameters<CallbackSender>[0][] = [];
    const { deliver, settled } = delivery(async (request) => {
      sent.push(request);
      return { status: 204 };
    });
    expect(await deliver()).toBe('delivered');
    expect(settled).toEqual(['delivered']);
    expect(sent[0]?.url).toBe('https://a.example/done');
    expect(JSON.parse(sent[0]?.body ?? '')).toEqual({ type: 'job.succeeded', timestamp: '2026-01-01T00:00:00.000Z', data: { id: 'job-1', state: 'succeeded', result: { answer: '42' } } });
    expect(verifyCallback({ headers: sent[0]?.headers ?? {}, body: sent[0]?.body ?? '' }, secret, time)).toBe('valid');
  });

  it.each([302, 400, 503])('tries again after status %i', async (status) => {
    const { deliver, settled, failures } = delivery(async () => ({ status }));
    expect(await deliver()).toBe('later');
    expect([settled, failures]).toEqual([['undelivered'], [{ status }]]);
  });

  it('tries again after an error, and after silence', async () => {
    const broken = delivery(async () => {
      throw new Error('refused');
    });
    expect(await broken.deliver()).toBe('later');
    const silent = delivery(() => new Promise(() => {}));
    const delivering = silent.deliver();
    await Promise.resolve();
    await expect.poll(() => silent.clock.pending()).toBe(1);
    silent.clock.advance(1_000);
    expect(await delivering).toBe('later');
    expect(silent.failures).toEqual([{ error: new Error('no answer within 1000 ms') }]);
  });

  it('leaves a callback to its lease when the process ends', async () => {
    const stop = new AbortController();
    const { deliver, settled } = delivery(async () => {
      stop.abort(new Error('draining'));
      throw new Error('cut');
    });
    await expect(deliver(stop.signal)).rejects.toThrow('draining');
    expect(settled).toEqual([]);
  });
});

it('the loop delivers what is due, waits when nothing is, and lives through a store that is away', async () => {
  const clock = createFakeClock();
  const stop = new AbortController();
  const errors: unknown[] = [];
  const claims: (() => Promise<CallbackDue | undefined>)[] = [
    async () => ({ job, url: 'https://a.example/done', attempt: 1, fence: 1 }),
    async () => {
      throw new Error('away');
    },
  ];
  let delivered = 0;
  const queue: CallbackQueue = {
    claim: async () => claims.shift()?.(),
    delivered: async () => {
      delivered += 1;
      return 'recorded';
    },
    undelivered: async () => 'later',
  };
  const running = deliverCallbacks({ queue, send: async () => ({ status: 200 }), secrets: () => [secret], clock, wallClock: createFakeWallClock(), timeoutMs: 100, idleMs: 500, concurrency: 2, perReceiver: 1, onError: (error) => errors.push(error) }, stop.signal);
  await expect.poll(() => errors).toEqual([new Error('away')]);
  await expect.poll(() => clock.pending()).toBe(1);
  expect(delivered).toBe(1);
  clock.advance(500);
  await expect.poll(() => clock.pending()).toBe(1);
  stop.abort();
  await running;
  expect(clock.pending()).toBe(0);
});

interface Sent {
  readonly url: string;
  readonly answer: (status: number) => void;
}

/** Callbacks that are due, by the receivers' first letters, and what of them is on its way. */
function messenger(receivers: string, bounds: { readonly concurrency: number; readonly perReceiver: number }) {
  const waiting = receivers.split('').map((letter, index): CallbackDue => ({ job: { ...job, id: `job-${index}` }, url: `https://${letter}.example/${index}`, attempt: 1, fence: 1 }));
  const sent: Sent[] = [];
  const settled: string[] = [];
  const stop = new AbortController();
  const clock = createFakeClock();
  const queue: CallbackQueue = {
    claim: async (busy = []) => {
      const index = waiting.findIndex(({ url }) => !busy.includes(new URL(url).host));
      return index < 0 ? undefined : waiting.splice(index, 1)[0];
    },
    delivered: async (due) => {
      settled.push(due.url);
      return 'recorded';
    },
    undelivered: async () => 'later',
  };
  const send: CallbackSender = ({ url, signal }) => new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    sent.push({ url, answer: (status) => resolve({ status }) });
  });
  const running = deliverCallbacks({ queue, send, secrets: () => [secret], clock, wallClock: createFakeWallClock(), timeoutMs: 10_000, idleMs: 500, ...bounds, onError: (error) => { throw error; } }, stop.signal);
  return { sent, settled, waiting, clock, end: async () => { stop.abort(); await running; }, paths: () => sent.map(({ url }) => url.replace('https://', '').replace('.example', '')) };
}

describe('several at a time', () => {
  it('leaves what is for others to go on while one receiver does not answer', async () => {
    const { sent, settled, paths, end } = messenger('ssssfff', { concurrency: 4, perReceiver: 2 });
    await expect.poll(paths).toEqual(['s/0', 's/1', 'f/4', 'f/5']);
    sent[2]?.answer(204);
    await expect.poll(paths).toEqual(['s/0', 's/1', 'f/4', 'f/5', 'f/6']);
    for (const each of sent.slice(3)) each.answer(204);
    await expect.poll(() => settled).toEqual(['https://f.example/4', 'https://f.example/5', 'https://f.example/6']);
    sent[0]?.answer(204);
    await expect.poll(paths).toEqual(['s/0', 's/1', 'f/4', 'f/5', 'f/6', 's/2']);
    await end();
  });

  it('takes no more than may be on their way, and gives up one that is silent for too long', async () => {
    const { paths, clock, end } = messenger('abcd', { concurrency: 2, perReceiver: 2 });
    await expect.poll(paths).toEqual(['a/0', 'b/1']);
    await expect.poll(() => clock.pending()).toBe(3);
    clock.advance(10_000);
    await expect.poll(paths).toEqual(['a/0', 'b/1', 'c/2', 'd/3']);
    await end();
    expect(clock.pending()).toBe(0);
  });
});
