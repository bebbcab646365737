import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { createFakeClock, type FakeClock } from '../platform/clock-fake.ts';
import { sleep } from '@sluice/evals/deadline';
import { createHarness, type Harness } from '../testing/app-harness.ts';
import { bundleFixture } from '../testing/bundle-fixture.ts';
import { createScriptedModel, hang, reply, type ScriptedTurn } from '../testing/scripted-model.ts';
import { drain, type Drained } from './drain.ts';

interface Setup extends Harness {
  readonly url: string;
  readonly mirrorUrl: string;
  readonly clock: FakeClock;
  readonly begin: () => Promise<Drained>;
}

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

interface Times {
  readonly clock?: FakeClock;
  readonly requestTimeoutMs?: number;
  readonly drainMilliseconds?: number;
}

async function listening(turn: ScriptedTurn, { clock = createFakeClock(), requestTimeoutMs = 10_000, drainMilliseconds = 9_000 }: Times = {}): Promise<Setup> {
  const bundle = bundleFixture({ limits: { ...bundleFixture().limits, requestTimeoutMs } });
  const harness = await createHarness({ model: createScriptedModel(turn), clock, bundle });
  harness.readiness.becomeReady();
  const { app, mirror, readiness, active } = harness;
  for (const each of [app, mirror]) {
    await each.listen({ host: '127.0.0.1', port: 0 });
    closers.push(async () => {
      each.server.closeAllConnections();
      await each.close();
    });
  }
  const close = async (): Promise<void> => {
    await Promise.all([app.close(), mirror.close()]);
  };
  const begin = (): Promise<Drained> => drain({ servers: [app.server, mirror.server], close, readiness, active, clock, log: app.log, timeoutMilliseconds: drainMilliseconds });
  const urlOf = (each: FastifyInstance): string => `http://127.0.0.1:${(each.server.address() as AddressInfo).port}`;
  return { ...harness, clock, begin, url: urlOf(app), mirrorUrl: urlOf(mirror) };
}

function ask(url: string, path: string): Promise<Response> {
  return fetch(`${url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"input":{"text":"q"}}' });
}

/** Lets the sweep of idle connections run until the drain has ended. */
async function finish(draining: Promise<Drained>, clock: FakeClock): Promise<Drained> {
  const ended = new AbortController();
  void draining.finally(() => ended.abort());
  await expect
    .poll(() => {
      if (!ended.signal.aborted) clock.advance(100);
      return ended.signal.aborted;
    })
    .toBe(true);
  return await draining;
}

describe('drain', () => {
  it('turns readiness off at once and serves new requests while the endpoints are withdrawn', async () => {
    const { begin, url, clock } = await listening(reply('Still here.'));
    const draining = begin();
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    const late = await ask(url, '/v1/invoke');
    expect([late.status, late.headers.get('connection')]).toEqual([200, 'close']);
    await late.text();
    clock.advance(1_800);
    expect(await finish(draining, clock)).toMatchObject({ outcome: 'finished', requests: { cut: 0 } });
    await expect(fetch(`${url}/healthz`)).rejects.toThrow('fetch failed');
  });

  it('finishes requests and streams that are under way', async () => {
    const release = Promise.withResolvers<void>();
    const setup = await listening(async () => {
      await release.promise;
      return reply('To the end.');
    });
    const pending = [ask(setup.url, '/v1/invoke'), ask(setup.url, '/v1/stream')];
    const copy = ask(setup.mirrorUrl, '/v1/stream');
    await expect.poll(() => setup.active.count()).toBe(3);
    const draining = setup.begin();
    setup.clock.advance(1_800);
    await expect.poll(() => [setup.app.server.listening, setup.mirror.server.listening]).toEqual([false, false]);
    release.resolve();
    const [answer, stream] = await Promise.all(pending.map(async (response) => (await response).text()));
    expect(answer).toContain('To the end.');
    expect(stream).toContain('event: done');
    expect((await copy).status).toBe(204);
    expect(await finish(draining, setup.clock)).toMatchObject({ outcome: 'finished', requests: { cut: 0 } });
    expect(setup.clock.pending()).toBeLessThanOrEqual(1);
  });

  // The drain time that the operator gives a request timeout: rounded up to seconds, and 4 s.
  it.each([
    [100, 5_000],
    [1_500, 6_000],
    [60_000, 64_000],
    [3_600_000, 3_604_000],
  ])('finishes requests as long as a timeout of %i ms within %i ms', async (requestTimeoutMs, drainMilliseconds) => {
    const clock = createFakeClock();
    let started = 0;
    const longest = async (_request: unknown, { signal }: { readonly signal: AbortSignal }) => {
      started += 1;
      await sleep(clock, requestTimeoutMs - 1, signal);
      return reply('In the last moment.');
    };
    const setup = await listening(longest, { clock, requestTimeoutMs, drainMilliseconds });
    const asked = [ask(setup.url, '/v1/invoke')];
    await expect.poll(() => started).toBe(1);
    const draining = setup.begin();
    const grace = Math.min(2_000, drainMilliseconds / 5);
    const last = grace - 1;
    for (const time of [last, grace, requestTimeoutMs - 1, last + requestTimeoutMs - 1].toSorted((left, right) => left - right)) {
      clock.advance(time - clock.now());
      await setImmediate();
      if (time === last) asked.push(ask(setup.url, '/v1/invoke'));
      await expect.poll(() => [started, setup.app.server.listening]).toEqual([time < last ? 1 : 2, time < grace]);
    }
    for (const answer of await Promise.all(asked)) expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('In the last moment.')]);
    expect(await finish(draining, clock)).toMatchObject({ outcome: 'finished', requests: { cut: 0 } });
  });

  it('sends who follows a job elsewhere, and does not wait for the job', async () => {
    const setup = await listening(reply('Unasked.'));
    const { id } = (await (await ask(setup.url, '/v1/jobs')).json()) as { readonly id: string };
    const following = await fetch(`${setup.url}/v1/jobs/${id}/events`);
    await expect.poll(() => setup.active.count()).toBe(1);
    const draining = setup.begin();
    setup.clock.advance(1_800);
    const text = await following.text();
    expect(text).toContain('event: queued');
    expect(text).toMatch(/event: error\ndata: .*urn:sluice:problem:shutting-down/);
    expect(await finish(draining, setup.clock)).toMatchObject({ outcome: 'finished', requests: { cut: 0 } });
    expect(setup.clock.now()).toBeLessThan(8_000);
  });

  it('tells what remains that it is cut when the time is over', async () => {
    const setup = await listening(hang);
    const pending = [ask(setup.url, '/v1/invoke'), ask(setup.url, '/v1/stream')];
    await expect.poll(() => setup.active.count()).toBe(2);
    const draining = setup.begin();
    setup.clock.advance(1_800);
    await expect.poll(() => setup.app.server.listening).toBe(false);
    setup.clock.advance(6_200);
    const [answer, stream] = await Promise.all(pending.map(async (response) => await response));
    expect(answer?.status).toBe(503);
    expect(await answer?.json()).toMatchObject({ type: 'urn:sluice:problem:shutting-down' });
    expect(await stream?.text()).toContain('urn:sluice:problem:shutting-down');
    expect(await finish(draining, setup.clock)).toEqual({ outcome: 'cut', requests: { inFlight: 2, cut: 2 } });
    expect(await setup.series('sluice_requests_total{outcome="error"}')).toBe(2);
  });
});
