import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createFakeClock, type FakeClock } from '../platform/clock-fake.ts';
import { createHarness, type Harness } from '../testing/app-harness.ts';
import { createScriptedModel, hang, reply, type ScriptedTurn } from '../testing/scripted-model.ts';
import { drain, type DrainOutcome } from './drain.ts';

interface Setup extends Harness {
  readonly url: string;
  readonly clock: FakeClock;
  readonly begin: () => Promise<DrainOutcome>;
}

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function listening(turn: ScriptedTurn): Promise<Setup> {
  const clock = createFakeClock();
  const harness = await createHarness({ model: createScriptedModel(turn), clock });
  harness.readiness.becomeReady();
  await harness.app.listen({ host: '127.0.0.1', port: 0 });
  closers.push(async () => {
    harness.app.server.closeAllConnections();
    await harness.app.close();
  });
  const { app, readiness, active } = harness;
  const begin = (): Promise<DrainOutcome> => drain({ server: app.server, close: () => app.close(), readiness, active, clock, log: app.log, timeoutMilliseconds: 9_000 });
  return { ...harness, clock, begin, url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}` };
}

function ask(url: string, path: string): Promise<Response> {
  return fetch(`${url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"input":{"text":"q"}}' });
}

/** Lets the sweep of idle connections run until the drain has ended. */
async function finish(draining: Promise<DrainOutcome>, clock: FakeClock): Promise<DrainOutcome> {
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
    expect(await finish(draining, clock)).toBe('finished');
    await expect(fetch(`${url}/healthz`)).rejects.toThrow('fetch failed');
  });

  it('finishes requests and streams that are under way', async () => {
    const release = Promise.withResolvers<void>();
    const setup = await listening(async () => {
      await release.promise;
      return reply('To the end.');
    });
    const pending = [ask(setup.url, '/v1/invoke'), ask(setup.url, '/v1/stream')];
    await expect.poll(() => setup.active.count()).toBe(2);
    const draining = setup.begin();
    setup.clock.advance(1_800);
    await expect.poll(() => setup.app.server.listening).toBe(false);
    release.resolve();
    const [answer, stream] = await Promise.all(pending.map(async (response) => (await response).text()));
    expect(answer).toContain('To the end.');
    expect(stream).toContain('event: done');
    expect(await finish(draining, setup.clock)).toBe('finished');
    expect(setup.clock.pending()).toBeLessThanOrEqual(1);
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
    expect(await finish(draining, setup.clock)).toBe('cut');
    expect(await setup.series('sluice_requests_total{outcome="error"}')).toBe(2);
  });
});
