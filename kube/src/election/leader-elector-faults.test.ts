import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KubeClient } from '../client/kube-client.ts';
import { FakeClock } from '../clock-fake.ts';
import { KubeMetrics } from '../metrics/kube-metrics.ts';
import { fakeRandom } from '../random-fake.ts';
import { type Lease, leases } from '../resources/cluster.ts';
import { connectionTo } from '../testing/connection.ts';
import { eventually, pause } from '../testing/eventually.ts';
import { FakeApi } from '../testing/fake-api.ts';
import { RecordingSink } from '../testing/recording-sink.ts';
import { answer, status } from '../testing/scripted-server.ts';
import { Transport } from '../transport/transport.ts';
import { LeaderElector } from './leader-elector.ts';
import { LeadershipLostError } from './leadership-lost.ts';

const key = { namespace: 'system', name: 'operator' };
let api: FakeApi<Lease>;
let transport: Transport;
let clock: FakeClock;
let sink: RecordingSink;
let stop: AbortController;

beforeEach(async () => {
  api = await FakeApi.start(leases);
  transport = new Transport({ connection: connectionTo(api.server.url) });
  clock = new FakeClock();
  sink = new RecordingSink();
  stop = new AbortController();
});

afterEach(async () => {
  stop.abort();
  await transport.close();
  await api.close();
});

function elector(identity: string, of = clock): LeaderElector {
  return new LeaderElector({ client: new KubeClient({ transport }), lease: key, identity, clock: of, random: fakeRandom(0), metrics: new KubeMetrics(sink) });
}

function lead({ signal }: { signal: AbortSignal }): Promise<void> {
  return new Promise((resolve) => { signal.addEventListener('abort', () => resolve(), { once: true }); });
}

async function leading(identity: string): Promise<{ one: LeaderElector; ended: Promise<unknown> }> {
  const one = elector(identity);
  const ended = one.run(lead, { signal: stop.signal }).catch((error: unknown) => error);
  await eventually('it leads', () => one.leading);
  return { one, ended };
}

async function advance(seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    await clock.advance(1_000);
    await pause(10);
  }
}

it('the lease is renewed while every place among the calls is taken, and past the rate limit', async () => {
  await transport.close();
  transport = new Transport({ connection: connectionTo(api.server.url), maxConcurrentCalls: 2, rateLimit: { qps: 0.001, burst: 2 } });
  api.fault = (request) => (request.path.endsWith('/slow') ? 'handled' : 'pass');
  const client = new KubeClient({ transport });
  const hanging = Array.from({ length: 2 }, () => client.raw('/slow', { signal: stop.signal }).catch((error: unknown) => error));
  await eventually('the slow calls are on the wire', () => api.server.requests.filter(({ path }) => path === '/slow').length === 2);
  const { one, ended } = await leading('a');
  const before = spec()?.renewTime;
  await advance(60);
  expect(one.leading).toBe(true);
  expect(spec()?.renewTime).not.toBe(before);
  stop.abort();
  expect(await ended).toBeUndefined();
  await Promise.all(hanging);
});

it('the work ends at the renewal deadline, however a renewal hangs: a late conflict, then silence', async () => {
  let aborted: number | undefined;
  const one = elector('a');
  const ended = one.run(({ signal }) => new Promise((resolve) => {
    signal.addEventListener('abort', () => {
      aborted = clock.monotonic();
      resolve();
    }, { once: true });
  }), { signal: stop.signal }).catch((error: unknown) => error);
  await eventually('it leads', () => one.leading);
  const renewed = clock.monotonic();
  let late: (() => void) | undefined;
  api.fault = (request, response) => {
    if (request.method === 'PUT') late ??= () => answer(response, 409, status(409, 'Conflict', 'changed'));
    return 'handled';
  };
  await advance(9);
  await eventually('a renewal is on its way', () => late !== undefined);
  late?.();
  await pause(20);
  await advance(1);
  await eventually('the work was told', () => aborted !== undefined);
  expect((aborted ?? 0) - renewed).toBe(10_000);
  expect(await ended).toBeInstanceOf(LeadershipLostError);
});

it('a stop while the taking of the lease is unanswered leaves it free', async () => {
  let stored = 0;
  api.fault = (request) => {
    if (request.method !== 'POST' || stored > 0) return 'pass';
    stored += 1;
    api.put(JSON.parse(request.body) as Lease);
    return 'handled';
  };
  const ended = elector('a').run(lead, { signal: stop.signal });
  await eventually('the lease is stored', () => stored === 1);
  stop.abort();
  await ended;
  expect(spec()?.holderIdentity ?? '').toBe('');
});

it('a stop while a renewal is unanswered leaves the lease free', async () => {
  const { ended } = await leading('a');
  let stored = 0;
  api.fault = (request) => {
    if (request.method !== 'PUT' || stored > 0) return 'pass';
    stored += 1;
    api.put(JSON.parse(request.body) as Lease);
    return 'handled';
  };
  await advance(2);
  await eventually('the renewal is stored', () => stored === 1);
  stop.abort();
  expect(await ended).toBeUndefined();
  expect(spec()?.holderIdentity ?? '').toBe('');
});

function spec(): Lease['spec'] {
  return api.get('system', 'operator')?.spec;
}

function edit(change: Lease['spec'], labels: Record<string, string> = {}): void {
  const current = api.get('system', 'operator')!;
  api.put({ ...current, metadata: { ...current.metadata, labels }, spec: { ...current.spec, ...change } });
}

describe('a lease that people and other processes meddle with', () => {
  it('deleted by hand: the leader makes it anew, and a follower that knew the holder waits it out', async () => {
    const { one } = await leading('one');
    const two = elector('two');
    void two.run(lead, { signal: stop.signal });
    await advance(4);
    api.fault = (request, response) => {
      if (request.method !== 'PUT' || spec() !== undefined) return 'pass';
      answer(response, 404, status(404, 'NotFound', 'gone'));
      return 'handled';
    };
    api.remove('system', 'operator');
    await eventually('it is there again', async () => {
      await advance(1);
      return spec() !== undefined || clock.monotonic() > 12_000;
    });
    expect([one.leading, two.leading, spec()?.holderIdentity]).toEqual([true, false, 'one']);
    expect(sink.get('leader_election_slowpath_total', { name: 'operator' })).toBeGreaterThan(0);
  });

  it('taken by force: the old leader stops at its next renewal and never writes the lease back', async () => {
    const { one, ended } = await leading('one');
    edit({ holderIdentity: 'a-human', renewTime: '2026-01-01T00:00:00.000000Z' });
    await advance(3);
    expect(await ended).toBeInstanceOf(LeadershipLostError);
    expect([one.leading, spec()?.holderIdentity, sink.get('leader_election_master_status', { name: 'operator' })]).toEqual([false, 'a-human', 0]);
  });

  it('emptied by hand: the leader takes it again, as a new term', async () => {
    const { one } = await leading('one');
    edit({ holderIdentity: '' });
    await advance(6);
    expect([one.leading, spec()?.holderIdentity, spec()?.leaseTransitions]).toEqual([true, 'one', 1]);
  });

  it('with fields that make no sense: is waited out for the own duration, then taken', async () => {
    api.put({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'operator', namespace: 'system' }, spec: { holderIdentity: 'x', leaseDurationSeconds: -5, renewTime: 'yesterday' } });
    const one = elector('one');
    void one.run(lead, { signal: stop.signal });
    await advance(13);
    expect(one.leading).toBe(false);
    await eventually('it takes over', async () => {
      await advance(1);
      return one.leading;
    });
    expect(spec()).toMatchObject({ holderIdentity: 'one', leaseDurationSeconds: 15, leaseTransitions: 1 });
  });

  it('labelled again and again after its holder died: is taken all the same', async () => {
    api.put({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'operator', namespace: 'system' }, spec: { holderIdentity: 'dead', leaseDurationSeconds: 15 } });
    const one = elector('one');
    void one.run(lead, { signal: stop.signal });
    await eventually('it takes over', async () => {
      edit({}, { at: String(clock.monotonic()) });
      await advance(1);
      return one.leading || clock.monotonic() > 40_000;
    });
    expect(one.leading).toBe(true);
  });

  it('held by a twin of the same name: the second waits, and takes over only when the first has stopped renewing', async () => {
    const { one } = await leading('same');
    const two = elector('same');
    void two.run(lead, { signal: stop.signal });
    await advance(40);
    expect([one.leading, two.leading]).toEqual([true, false]);
  });
});

describe('clocks', () => {
  it('skewed by hours between candidates make no second leader', async () => {
    const { one } = await leading('one');
    const ahead = new FakeClock({ nowMs: clock.now() + 7_200_000 });
    const two = elector('two', ahead);
    void two.run(lead, { signal: stop.signal });
    for (let second = 0; second < 40; second++) {
      await advance(1);
      await ahead.advance(1_000);
      expect([one.leading, two.leading]).toEqual([true, false]);
    }
  });

  it('that stood still while the machine was suspended do not let it write: the wall clock tells', async () => {
    const { one } = await leading('one');
    const now = clock.now.bind(clock);
    clock.now = () => now() + 60_000;
    expect(one.leading).toBe(false);
    expect(() => one.assertLeading()).toThrow(LeadershipLostError);
  });
});

describe('an API server in trouble', () => {
  it('that answers renewals slowly: leads as long as each comes within the deadline, counted from when it was sent', async () => {
    const { one, ended } = await leading('one');
    const held: (() => void)[] = [];
    api.fault = (request, response) => {
      if (request.method !== 'PUT') return 'pass';
      held.push(() => answer(response, 200, api.put(JSON.parse(request.body) as Lease)));
      return 'handled';
    };
    await advance(6);
    held.shift()?.();
    await pause(20);
    expect(one.leading).toBe(true);
    // The renewal that has just succeeded was begun some 4 s ago, so less than 10 s are left.
    await advance(9);
    expect(one.leading).toBe(false);
    await advance(3);
    expect(await ended).toBeInstanceOf(LeadershipLostError);
  });

  it('that answers 500 to renewals: tries again until the deadline, then gives up', async () => {
    const { one, ended } = await leading('one');
    let tries = 0;
    api.fault = (request, response) => {
      if (request.method !== 'PUT') return 'pass';
      tries += 1;
      answer(response, 500, status(500, 'InternalError', 'etcdserver: request timed out'));
      return 'handled';
    };
    await advance(8);
    expect([one.leading, tries > 2]).toEqual([true, true]);
    await advance(4);
    expect([await ended, one.leading, one.expired()]).toEqual([expect.any(LeadershipLostError), false, false]);
  });

  it('that took the first write but whose answer was lost: the lease is known as the own', async () => {
    let lost = 0;
    api.fault = (request, response) => {
      if (request.method !== 'POST' || lost > 0) return 'pass';
      lost += 1;
      api.put(JSON.parse(request.body) as Lease);
      response.socket?.destroy();
      return 'handled';
    };
    const one = elector('one');
    void one.run(lead, { signal: stop.signal });
    await eventually('it leads without waiting the lease out', async () => {
      await advance(1);
      return one.leading || clock.monotonic() > 12_000;
    });
    expect([one.leading, spec()?.leaseTransitions]).toEqual([true, 0]);
  });
});

it('says that the lease was lost also when the work noticed first and ended', async () => {
  const one = elector('one');
  const running = one.run(async () => {
    const monotonic = clock.monotonic.bind(clock);
    clock.monotonic = () => monotonic() + 12_000;
    expect(() => one.assertLeading()).toThrow(LeadershipLostError);
  }, { signal: stop.signal });
  await expect(running).rejects.toBeInstanceOf(LeadershipLostError);
});
