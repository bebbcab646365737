import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KubeClient } from '../client/kube-client.ts';
import { FakeClock } from '../clock-fake.ts';
import { KubeMetrics } from '../metrics/kube-metrics.ts';
import type { KubeObject } from '../object.ts';
import { type Event, events } from '../resources/cluster.ts';
import { connectionTo } from '../testing/connection.ts';
import { eventually, pause } from '../testing/eventually.ts';
import { FakeApi } from '../testing/fake-api.ts';
import { RecordingSink } from '../testing/recording-sink.ts';
import { answer, status } from '../testing/scripted-server.ts';
import { Transport } from '../transport/transport.ts';
import { EventRecorder } from './event-recorder.ts';

let api: FakeApi<Event>;
let transport: Transport;
let clock: FakeClock;
let sink: RecordingSink;
let warned: object[];
let recorder: EventRecorder;
let stop: AbortController;
let running: Promise<void>;
let drawn = 0;

beforeEach(async () => {
  api = await FakeApi.start(events);
  transport = new Transport({ connection: connectionTo(api.server.url) });
  clock = new FakeClock();
  sink = new RecordingSink();
  warned = [];
  stop = new AbortController();
  recorder = new EventRecorder({
    client: new KubeClient({ transport }), reportingController: 'example.dev/operator', reportingInstance: 'pod-1', clock, random: { next: () => (drawn += 1) / 1000 }, metrics: new KubeMetrics(sink),
    logger: { debug() {}, info() {}, error() {}, warn: (fields) => void warned.push(fields) },
  });
  running = recorder.run({ signal: stop.signal });
});

afterEach(async () => {
  stop.abort();
  await running;
  await transport.close();
  await api.close();
});

function record(note = 'all good', name = 'web'): void {
  const regarding: KubeObject = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: 'prod', uid: `uid-${name}` } };
  recorder.record({ regarding, type: 'Normal', reason: 'Promoted', action: 'Promote', note });
}

function writes(): { method: string; body: Partial<Event> }[] {
  return api.server.requests.filter((request) => request.method !== 'GET').map((request) => ({ method: request.method, body: JSON.parse(request.body) as Partial<Event> }));
}

function outcome(result: string): number {
  return sink.get('kube_events_recorded_total', { result });
}

describe('EventRecorder', () => {
  it('writes an event', async () => {
    record();
    await eventually('it is sent', () => outcome('sent') === 1);
    expect(writes()).toMatchObject([{ method: 'POST', body: { reason: 'Promoted', note: 'all good', regarding: { name: 'web' } } }]);
    expect(writes()[0]?.body.series).toBeUndefined();
  });

  it('makes a series of repetitions, written at once the first time and then at most every 30 s', async () => {
    record();
    await eventually('the first is sent', () => outcome('sent') === 1);
    record();
    await eventually('the series is sent', () => outcome('sent') === 2);
    for (let count = 0; count < 50; count++) record();
    await clock.advance(29_000);
    await pause(20);
    expect(outcome('sent')).toBe(2);
    await clock.advance(2_000);
    await eventually('the count is sent', () => outcome('sent') === 3);
    expect(writes().map(({ method, body }) => [method, body.series?.count])).toEqual([['POST', undefined], ['PATCH', 2], ['PATCH', 52]]);
  });

  it('starts a new event when a series was quiet for six minutes', async () => {
    record();
    await eventually('the first is sent', () => outcome('sent') === 1);
    await clock.advance(360_000);
    await pause(20);
    record();
    await eventually('a new one is sent', () => outcome('sent') === 2);
    expect(writes().map(({ method }) => method)).toEqual(['POST', 'POST']);
  });

  it('creates anew what the API server has forgotten', async () => {
    record();
    await eventually('the first is sent', () => outcome('sent') === 1);
    api.fault = (request, response) => {
      if (request.method !== 'PATCH') return 'pass';
      answer(response, 404, status(404, 'NotFound', 'gone'));
      return 'handled';
    };
    record();
    await eventually('it is sent again', () => outcome('sent') === 2);
    expect(writes().map(({ method }) => method)).toEqual(['POST', 'PATCH', 'POST']);
  });

  it('limits what one object may cause, not others', async () => {
    for (let count = 0; count < 100; count++) record(`note ${count}`);
    record('other', 'api');
    await eventually('all that is allowed is sent', () => outcome('sent') === 26);
    expect(outcome('dropped')).toBe(75);
    await clock.advance(300_000);
    record('later');
    await eventually('one more after five minutes', () => outcome('sent') === 27);
  });

  it('forgets the series that was quiet for longest, once it is written, so that what is new is heard however many there were', async () => {
    for (let count = 0; count < 2_048; count++) record('made ready', `web-${count}`);
    await eventually('all are sent', () => outcome('sent') === 2_048);
    record('made ready', 'web-0');
    await eventually('the series is sent', () => outcome('sent') === 2_049);
    for (let count = 0; count < 100; count++) record('news', `api-${count}`);
    await eventually('all that is new is sent', () => outcome('sent') === 2_149);
    expect(outcome('dropped')).toBe(0);
    record('made ready', 'web-0');
    record('made ready', 'web-1');
    await eventually('the forgotten one is sent as new', () => outcome('sent') === 2_150);
    expect(writes().at(-1)).toMatchObject({ method: 'POST', body: { regarding: { name: 'web-1' } } });
  });

  it('drops what is new, and forgets nothing, while as much as it may hold is still to be written', async () => {
    api.fault = () => 'handled';
    for (let count = 0; count < 2_050; count++) record('made ready', `web-${count}`);
    expect(outcome('dropped')).toBe(2);
    api.fault = () => 'pass';
    stop.abort();
    await running;
    expect(writes().at(-1)).toMatchObject({ method: 'POST', body: { regarding: { name: 'web-2047' } } });
  });

  it('tries again when the API server is away, and drops what it refuses', async () => {
    api.fault = (_request, response) => {
      answer(response, 500, status(500, 'InternalError', 'no'));
      return 'handled';
    };
    record();
    await eventually('the first try', () => api.server.requests.length === 1);
    api.fault = () => 'pass';
    await eventually('it is sent', async () => {
      await clock.advance(500);
      return outcome('sent') === 1;
    });
    api.fault = (_request, response) => {
      answer(response, 403, status(403, 'Forbidden', 'no'));
      return 'handled';
    };
    record('refused');
    await eventually('it is dropped', () => outcome('failed') === 1);
    expect(warned).toEqual([expect.objectContaining({ reason: expect.any(String), object: expect.stringMatching(/^\w+ prod\/web$/) })]);
  });

  it('sends what is left when stopped', async () => {
    record();
    await eventually('the first is sent', () => outcome('sent') === 1);
    record();
    await eventually('the series is sent', () => outcome('sent') === 2);
    record();
    stop.abort();
    await running;
    expect(writes().at(-1)?.body.series?.count).toBe(3);
  });

  it('writes once what was on its way when it was stopped, and what was written although the answer was lost', async () => {
    let lost = 0;
    api.fault = (request) => {
      if (request.method !== 'POST' || lost > 0) return 'pass';
      lost += 1;
      api.put(JSON.parse(request.body) as Event);
      stop.abort();
      return 'handled';
    };
    record();
    await running;
    expect([lost, api.count('write')]).toEqual([1, 2]);
    const written = api.server.requests.filter(({ method }) => method === 'POST').map(({ body }) => (JSON.parse(body) as Event).metadata.name);
    expect(new Set(written).size).toBe(1);
    expect(sink.get('kube_events_recorded_total', { result: 'sent' })).toBe(1);
  });

  it('never throws, whatever it is given', async () => {
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    for (const wrong of [undefined, null, {}, { regarding: null }, { regarding: { metadata: circular }, note: circular }]) {
      expect(() => recorder.record(wrong as unknown as Parameters<EventRecorder['record']>[0])).not.toThrow();
    }
    expect(outcome('failed')).toBe(5);
  });

  it('cuts a long note to the 1 KiB the API takes, between characters', async () => {
    record('ü'.repeat(2_000));
    await eventually('it is sent', () => outcome('sent') === 1);
    const note = writes()[0]?.body.note ?? '';
    expect([Buffer.byteLength(note) <= 1_024, Buffer.byteLength(note) > 1_000, note.includes('\uFFFD')]).toEqual([true, true, false]);
  });

  it.each([
    ['being deleted', 403, status(403, 'Forbidden', 'it is being terminated', { details: { causes: [{ reason: 'NamespaceTerminating', field: 'metadata.namespace' }] } })],
    ['gone', 404, status(404, 'NotFound', 'namespaces "prod" not found')],
  ])('drops quietly what belongs to a namespace that is %s', async (_what, code, body) => {
    api.fault = (_request, response) => {
      answer(response, code, body);
      return 'handled';
    };
    record();
    await eventually('it is dropped', () => outcome('dropped') === 1);
    expect([outcome('failed'), writes().length]).toEqual([0, 1]);
  });

  it('spends no more than 3 s on what is left when the API server does not answer', async () => {
    api.fault = () => 'handled';
    record();
    record('another');
    await eventually('it tries', () => api.server.requests.length === 1);
    stop.abort();
    await running;
    expect(outcome('failed')).toBe(2);
  });
});
