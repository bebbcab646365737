import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { leases } from '../resources/cluster.ts';
import { eventually } from '../testing/eventually.ts';
import { openTestCluster, type TestCluster } from '../testing/test-cluster.ts';
import { LeaderElector } from './leader-elector.ts';

let cluster: TestCluster;

beforeAll(async () => {
  cluster = await openTestCluster('election');
});

afterAll(() => cluster.close());

function elector(identity: string): LeaderElector {
  const { client, namespace } = cluster;
  return new LeaderElector({ client, lease: { namespace, name: 'leader' }, identity, leaseDurationMs: 3_000, renewDeadlineMs: 2_000, retryPeriodMs: 300 });
}

describe('LeaderElector on a real API server', () => {
  it('has one leader at a time, and hands over when it stops', async () => {
    const leading = new Set<string>();
    let most = 0;
    const order: string[] = [];
    const candidate = (identity: string) => {
      const stop = new AbortController();
      const running = elector(identity).run(async ({ signal }) => {
        leading.add(identity);
        order.push(identity);
        most = Math.max(most, leading.size);
        await new Promise<void>((resolve) => { signal.addEventListener('abort', () => resolve(), { once: true }); });
        leading.delete(identity);
      }, { signal: stop.signal });
      return { stop, running };
    };
    const candidates = { one: candidate('one'), two: candidate('two') };
    await eventually('one of them leads', () => order.length === 1);
    const first = order[0] === 'one' ? candidates.one : candidates.two;
    const second = order[0] === 'one' ? candidates.two : candidates.one;
    const lease = await cluster.client.get(leases, { namespace: cluster.namespace, name: 'leader' }, cluster.call);
    expect(lease.spec).toMatchObject({ holderIdentity: order[0], leaseDurationSeconds: 3 });
    first.stop.abort();
    await first.running;
    await eventually('the other leads', () => order.length === 2);
    second.stop.abort();
    await second.running;
    expect([most, new Set(order)]).toEqual([1, new Set(['one', 'two'])]);
    const released = await cluster.client.get(leases, { namespace: cluster.namespace, name: 'leader' }, cluster.call);
    expect([released.spec?.holderIdentity ?? '', released.spec?.leaseTransitions]).toEqual(['', 1]);
  });
});
