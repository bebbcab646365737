import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KubeClient } from '../client/kube-client.ts';
import { FakeClock } from '../clock-fake.ts';
import { fakeRandom } from '../random-fake.ts';
import { type ConfigMap, configMaps } from '../resources/core.ts';
import { type Lease, leases } from '../resources/cluster.ts';
import { connectionTo } from '../testing/connection.ts';
import { eventually, pause } from '../testing/eventually.ts';
import { FakeApi } from '../testing/fake-api.ts';
import { answer, status } from '../testing/scripted-server.ts';
import { Transport } from '../transport/transport.ts';
import { LeaderElector, type LeaderElectorOptions } from './leader-elector.ts';
import { LeadershipLostError } from './leadership-lost.ts';

const key = { namespace: 'system', name: 'operator' };
let api: FakeApi<Lease>;
let transport: Transport;
let client: KubeClient;
let clock: FakeClock;
let stop: AbortController;

beforeEach(async () => {
  api = await FakeApi.start(leases);
  transport = new Transport({ connection: connectionTo(api.server.url) });
  client = new KubeClient({ transport });
  clock = new FakeClock();
  stop = new AbortController();
});

afterEach(async () => {
  stop.abort();
  await transport.close();
  await api.close();
});

function elector(identity: string, options: Partial<LeaderElectorOptions> = {}): LeaderElector {
  return new LeaderElector({ client, lease: key, identity, clock, random: fakeRandom(0), ...options });
}

function lead({ signal }: { signal: AbortSignal }): Promise<void> {
  return new Promise((resolve) => { signal.addEventListener('abort', () => resolve(), { once: true }); });
}

function holder(): string | undefined {
  return api.get('system', 'operator')?.spec?.holderIdentity;
}

async function advance(seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    await clock.advance(1_000);
    await pause(10);
  }
}

describe('LeaderElector', () => {
  it('row B.3/lease-micro-time: creates the lease with MicroTime, leads and renews it', async () => {
    const one = elector('one');
    const running = one.run(lead, { signal: stop.signal });
    await eventually('it leads', () => one.leading);
    const first = api.get('system', 'operator');
    expect(first?.spec).toMatchObject({ holderIdentity: 'one', leaseDurationSeconds: 15, leaseTransitions: 0 });
    expect(first?.spec?.renewTime).toMatch(/\.\d{6}Z$/);
    await advance(30);
    expect(one.leading).toBe(true);
    expect(api.get('system', 'operator')?.spec?.acquireTime).toBe(first?.spec?.acquireTime);
    expect(api.get('system', 'operator')?.spec?.renewTime).not.toBe(first?.spec?.renewTime);
    stop.abort();
    await running;
  });

  it('marks the lease for who looks for it, one that there is too, and leaves what others have marked', async () => {
    api.put({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { ...key, labels: { team: 'a' } }, spec: {} });
    const one = elector('one', { marks: { labels: { kind: 'operator' }, annotations: { of: 'all' } } });
    const running = one.run(lead, { signal: stop.signal });
    await advance(20);
    expect(one.leading).toBe(true);
    stop.abort();
    await running;
    expect(api.get('system', 'operator')?.metadata).toMatchObject({ labels: { team: 'a', kind: 'operator' }, annotations: { of: 'all' } });
  });

  it('releases the lease on stop, after the work has ended, so that the next leads at once', async () => {
    const one = elector('one');
    let heldWhileWorking: string | undefined;
    const running = one.run(async (call) => {
      await lead(call);
      await pause(20);
      heldWhileWorking = holder();
    }, { signal: stop.signal });
    await eventually('one leads', () => one.leading);
    stop.abort();
    await running;
    expect([heldWhileWorking, holder(), one.leading]).toEqual(['one', undefined, false]);
    const two = elector('two');
    const next = new AbortController();
    const second = two.run(lead, { signal: next.signal });
    await eventually('two leads without waiting', () => two.leading);
    expect(api.get('system', 'operator')?.spec?.leaseTransitions).toBe(1);
    next.abort();
    await second;
  });

  it('waits as long as the holder renews, and takes over once the lease has stood unchanged for its duration', async () => {
    const one = elector('one');
    const two = elector('two');
    const crash = new AbortController();
    void one.run(lead, { signal: crash.signal }).catch(() => {});
    await eventually('one leads', () => one.leading);
    void two.run(lead, { signal: stop.signal });
    await advance(40);
    expect([one.leading, two.leading]).toEqual([true, false]);
    // From now on nothing of the first gets through, as if it had crashed.
    api.fault = (request, response) => {
      if (!request.body.includes('"one"')) return 'pass';
      response.socket?.destroy();
      return 'handled';
    };
    await advance(9);
    expect(two.leading).toBe(false);
    await eventually('two leads', async () => {
      await advance(1);
      return two.leading;
    });
    expect([one.leading, holder()]).toEqual([false, 'two']);
  });

  it('loses the lease when it cannot renew for 10 s: stops the work, says so, and does not release what is not its own', async () => {
    let lost = 0;
    const one = elector('one', { onLost: () => { lost += 1; } });
    let reason: unknown;
    const running = one.run(async (call) => {
      await lead(call);
      reason = call.signal.reason;
    }, { signal: stop.signal });
    const failed = expect(running).rejects.toBeInstanceOf(LeadershipLostError);
    await eventually('one leads', () => one.leading);
    api.fault = (_request, response) => {
      answer(response, 500, status(500, 'InternalError', 'etcd is away'));
      return 'handled';
    };
    await advance(11);
    await failed;
    expect([lost, one.leading, reason instanceof LeadershipLostError]).toEqual([1, false, true]);
    expect(holder()).toBe('one');
  });

  it('says in its error how long it was not renewed, and what the last try failed with', async () => {
    const one = elector('one');
    const running = one.run(lead, { signal: stop.signal });
    await eventually('it leads', () => one.leading);
    api.fault = (_request, response) => {
      answer(response, 403, status(403, 'Forbidden', 'may not update leases'));
      return 'handled';
    };
    const lost = expect(running).rejects.toMatchObject({
      name: 'LeadershipLostError', message: expect.stringMatching(/^'one' lost lease system\/operator: not renewed for \d+\.\d s, of 10 s allowed; the last try failed: .*may not update leases/),
      cause: expect.objectContaining({ code: 403 }),
    });
    await advance(15);
    await lost;
  });

  it('survives a short outage', async () => {
    const one = elector('one');
    void one.run(lead, { signal: stop.signal });
    await eventually('one leads', () => one.leading);
    api.fault = (_request, response) => {
      answer(response, 500, status(500, 'InternalError', 'no'));
      return 'handled';
    };
    await advance(5);
    api.fault = () => 'pass';
    await advance(20);
    expect(one.leading).toBe(true);
  });

  it('loses the lease at once when another has taken it', async () => {
    const one = elector('one');
    const failed = expect(one.run(lead, { signal: stop.signal })).rejects.toBeInstanceOf(LeadershipLostError);
    await eventually('one leads', () => one.leading);
    const taken = api.get('system', 'operator');
    api.put({ ...taken!, spec: { ...taken!.spec, holderIdentity: 'two' } });
    await advance(4);
    await failed;
    expect(holder()).toBe('two');
  });

  it('goes on after somebody else only labelled the lease', async () => {
    const one = elector('one');
    void one.run(lead, { signal: stop.signal });
    await eventually('one leads', () => one.leading);
    const current = api.get('system', 'operator');
    api.put({ ...current!, metadata: { ...current!.metadata, labels: { seen: 'yes' } } });
    await advance(20);
    expect([one.leading, api.get('system', 'operator')?.metadata.labels]).toEqual([true, { seen: 'yes' }]);
  });

  it('keeps a process that was paused past its lease from writing', async () => {
    const one = elector('one');
    const maps = await FakeApi.start(configMaps);
    const mapTransport = new Transport({ connection: connectionTo(maps.server.url) });
    const guarded = new KubeClient({ transport: mapTransport, beforeWrite: () => one.assertLeading() });
    const object: ConfigMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'default' } };
    const write = () => guarded.create(configMaps, object, { signal: stop.signal });
    await expect(write()).rejects.toBeInstanceOf(LeadershipLostError);
    const running = one.run(lead, { signal: stop.signal }).catch(() => {});
    await eventually('one leads', () => one.leading);
    await write();
    // A pause: time has passed, yet none of its own timers have run.
    const clockAhead = clock.monotonic.bind(clock);
    clock.monotonic = () => clockAhead() + 10_000;
    await expect(guarded.mergePatch(configMaps, { namespace: 'default', name: 'a' }, { data: {} }, { signal: stop.signal })).rejects.toBeInstanceOf(LeadershipLostError);
    expect(maps.count('write')).toBe(1);
    await advance(3);
    await running;
    await mapTransport.close();
    await maps.close();
  });

  it('ends when the work ends, and passes on what it throws', async () => {
    await elector('one').run(async () => {}, { signal: stop.signal });
    expect(holder()).toBeUndefined();
    await expect(elector('one').run(() => Promise.reject(new Error('work failed')), { signal: stop.signal })).rejects.toThrow('work failed');
    expect(holder()).toBeUndefined();
    expect(clock.pendingTimers).toBe(0);
  });

  it('resolves when stopped before it leads', async () => {
    stop.abort();
    await elector('one').run(() => Promise.reject(new Error('must not run')), { signal: stop.signal });
    expect(api.server.requests).toHaveLength(0);
  });

  it('refuses times that cannot work, and an empty identity', () => {
    expect(() => elector('one', { renewDeadlineMs: 15_000 })).toThrow(/does not hold; raise the later ones/);
    expect(() => elector('')).toThrow(/identity is ''/);
  });
});
