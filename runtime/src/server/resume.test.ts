import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createFakeClock } from '../platform/clock-fake.ts';
import { ModelError } from '../providers/model-error.ts';
import type { ModelClient } from '../providers/model-client.ts';
import type { SessionStore } from '../sessions/session-store.ts';
import { createHarness, type Harness } from '../testing/app-harness.ts';
import { createScriptedModel, hang, reply } from '../testing/scripted-model.ts';
import { createStateFixture } from '../testing/state-fixture.ts';

const question = { input: { text: 'How long?' } };
const open: Harness[] = [];
afterEach(async () => {
  for (const { app } of open.splice(0)) {
    app.server.closeAllConnections();
    await app.close();
  }
});

interface Rig extends Harness {
  readonly clock: ReturnType<typeof createFakeClock>;
  readonly stream: (options?: { readonly key?: string; readonly after?: string; readonly signal?: AbortSignal; readonly body?: object }) => Promise<Response>;
}

async function serving(model: ModelClient, { sessions }: { readonly sessions?: Pick<SessionStore, 'get' | 'messages'> } = {}): Promise<Rig> {
  const clock = createFakeClock();
  const kept = await createStateFixture(clock);
  const harness = await createHarness({ model, clock, state: sessions === undefined ? {} : { sessions: { ...kept.state.sessions, ...sessions } } });
  open.push(harness);
  await harness.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = harness.app.server.address() as AddressInfo;
  return {
    ...harness,
    clock,
    stream: ({ key = 'k', after, signal = new AbortController().signal, body = question } = {}) =>
      fetch(`http://127.0.0.1:${port}/v1/stream`, { method: 'POST', signal, body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...(key === '' ? {} : { 'idempotency-key': key }), ...(after === undefined ? {} : { 'last-event-id': after }) } }),
  };
}

const names = (text: string): string[] => text.match(/(?<=^event: ).+$/gm) ?? [];

/** A model that says a word, and the rest when it is told to. */
function pausing(rest: Promise<void>): ModelClient {
  return {
    complete: async (_request, { onText }) => {
      onText?.('Thirty ');
      await rest;
      onText?.('days.');
      return reply('Thirty days.');
    },
  };
}

/** Reads until `text` has come. */
async function readUntil(response: Response, text: string): Promise<void> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let seen = '';
  while (!seen.includes(text)) seen += (await reader?.read())?.value ?? '';
}

describe('a stream with an Idempotency-Key', () => {
  it('goes on while its reader is away, and continues after the last event that it had', async () => {
    const rest = Promise.withResolvers<void>();
    const rig = await serving(pausing(rest.promise));
    const left = new AbortController();
    await readUntil(await rig.stream({ signal: left.signal }), 'Thirty');
    left.abort();
    await expect.poll(() => rig.clock.pending()).toBeGreaterThan(1);
    const resumed = await rig.stream({ after: '1' });
    rest.resolve();
    const text = await resumed.text();
    expect(names(text)).toEqual(['delta', 'delta', 'done']);
    expect(text).toMatch(/^id: 2\nevent: delta\ndata: {"turn":1,"text":"Thirty "}/);
    const later = await rig.stream({ after: '2' });
    expect(later.headers.get('idempotency-replayed')).toBe('true');
    expect(await later.text()).toBe(text.slice(text.indexOf('id: 3\n')));
    expect(await rig.series('sluice_requests_total{outcome="success"}')).toBe(1);
  });

  it('is given up when nobody comes back', async () => {
    const rig = await serving(createScriptedModel(hang, reply('Again.')));
    const left = new AbortController();
    await readUntil(await rig.stream({ signal: left.signal }), 'start');
    const before = rig.clock.pending();
    left.abort();
    // The keepalive of the connection goes, the wait for its reader comes.
    await expect.poll(() => (rig.active.count() === 1 && rig.clock.pending() === before ? 'unread' : 'read')).toBe('unread');
    await expect.poll(() => {
      rig.clock.advance(3_000);
      return rig.active.count();
    }).toBe(0);
    const resumed = await rig.stream({ after: '1' });
    expect([resumed.status, ((await resumed.json()) as { type: string }).type]).toEqual([410, 'urn:sluice:problem:stream-gone']);
    expect(names(await (await rig.stream()).text())).toEqual(['start', 'delta', 'done']);
  });

  it('is for one request, and tells one that is turned away or fails as others are told', async () => {
    const rig = await serving(createScriptedModel(new ModelError('unavailable', {}), reply('Now.')));
    expect(names(await (await rig.stream()).text())).toEqual(['start', 'error']);
    expect(names(await (await rig.stream()).text())).toEqual(['start', 'delta', 'done']);
    const other = await rig.stream({ body: { input: { text: 'Another?' } } });
    expect(other.status).toBe(422);
    expect((await rig.stream({ body: { ...question, session_id: 'nobody' }, key: 'k2' })).status).toBe(404);
    expect((await rig.stream({ after: 'x', key: 'k3' })).status).toBe(400);
  });
});

/** A model that says this many pieces as fast as it can. */
function talking(pieces: number, piece: string): ModelClient {
  return {
    complete: async (_request, { onText }) => {
      for (let index = 0; index < pieces; index += 1) onText?.(piece);
      return reply('Done.');
    },
  };
}

describe('a long stream', () => {
  it('comes whole to a reader that takes its time, live and replayed', async () => {
    // Two UTF-16 units and four bytes each, behind an odd one: a cut in the wrong place would show.
    const piece = `x${'\u{1F600}'.repeat(8_000)}`;
    const rig = await serving(talking(150, piece));
    const first = await rig.stream();
    // More than waits for one reader has been said before it takes the first byte.
    await expect.poll(() => rig.active.count()).toBe(0);
    const live = await first.text();
    expect(names(live)).toEqual(['start', ...Array.from({ length: 150 }, () => 'delta'), 'done']);
    const replayed = await rig.stream();
    expect(replayed.headers.get('idempotency-replayed')).toBe('true');
    expect((await replayed.text()) === live).toBe(true);
    expect(names(await (await rig.stream({ after: '100' })).text())).toHaveLength(52);
  });
});

describe('a stream that is longer than may be kept', () => {
  it('ends with an error, and not as if it were whole', async () => {
    const rig = await serving({
      complete: async (_request, { onText, signal }) => {
        for (let index = 0; index < 20; index += 1) onText?.('x'.repeat(262_144));
        signal.throwIfAborted();
        return reply('Done.');
      },
    });
    expect(names(await (await rig.stream()).text()).at(-1)).toBe('error');
  });
});

it('tells another try that reads along when the request is turned away', async () => {
  const asked = Promise.withResolvers<void>();
  const rig = await serving(createScriptedModel(reply('Never.')), { sessions: { get: async () => (await asked.promise, undefined), messages: async () => undefined } });
  const body = { ...question, session_id: 'nobody' };
  const first = rig.stream({ body });
  await expect.poll(() => rig.active.count()).toBe(1);
  const before = rig.clock.pending();
  // Its headers come with its first event, so it is seen by the keepalive that it waits for.
  const second = rig.stream({ body });
  await expect.poll(() => rig.clock.pending()).toBeGreaterThan(before);
  asked.resolve();
  expect((await first).status).toBe(404);
  expect(await (await second).text()).toMatch(/event: error\ndata: .*urn:sluice:problem:not-found/);
});

describe('a stream without one', () => {
  it('is not begun anew, with a further answer and further writes, where its reader means to go on', async () => {
    const model = createScriptedModel(reply('Never.'));
    const rig = await serving(model);
    const resumed = await rig.stream({ key: '', after: '3' });
    expect([resumed.status, await resumed.json()]).toMatchObject([410, { type: 'urn:sluice:problem:stream-gone', detail: expect.stringContaining('no Idempotency-Key') }]);
    expect(model.requests).toHaveLength(0);
    expect(names(await (await rig.stream({ key: '', after: '0' })).text()).at(-1)).toBe('done');
  });

  it('ends its work when the connection ends', async () => {
    const rig = await serving(createScriptedModel(hang));
    const left = new AbortController();
    await readUntil(await rig.stream({ key: '', signal: left.signal }), 'start');
    left.abort();
    await expect.poll(() => rig.active.count()).toBe(0);
    expect(await rig.series('sluice_requests_total{outcome="cancelled"}')).toBe(1);
  });
});
