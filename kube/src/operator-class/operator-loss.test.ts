import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Lease, leases } from '../resources/cluster.ts';
import { connectionTo } from '../testing/connection.ts';
import { eventually, pause } from '../testing/eventually.ts';
import { FakeApi } from '../testing/fake-api.ts';
import { OpenOperator } from './testing/operator-rig.ts';
import { stealLease } from './testing/stolen-lease.ts';

const name = 'leading';
const leaderElection = { lease: { namespace: 'ns', name }, identity: 'me', leaseDurationMs: 15_000, renewDeadlineMs: 10_000, retryPeriodMs: 50 };
let api: FakeApi<Lease>;
let exits: number[];

beforeEach(async () => {
  api = await FakeApi.start(leases);
  exits = [];
});

afterEach(() => api.close());

function lease(): Lease | undefined {
  return api.get('ns', name);
}

async function leading(): Promise<OpenOperator> {
  const operator = new OpenOperator(async () => {}, { connection: connectionTo(api.server.url), leaderElection, exit: (code) => void exits.push(code) }, []);
  await operator.start();
  return operator;
}

describe('An operator that loses its lease', () => {
  it('leaves the process to who waits for finished(), and exits by itself otherwise', async () => {
    await leading();
    await stealLease(api, name);
    await eventually('it exits', () => exits.length === 1);
    expect(exits).toEqual([1]);
    api.remove('ns', name);
    const finished = expect((await leading()).finished()).rejects.toMatchObject({ name: 'LeadershipLostError' });
    await stealLease(api, name);
    await finished;
    await pause();
    expect(exits).toEqual([1]);
  });

  it('does not exit when it was told to stop', async () => {
    const operator = await leading();
    await eventually('it leads', () => lease()?.spec?.holderIdentity === 'me');
    operator.stop();
    await eventually('the lease is free', () => lease()?.spec?.holderIdentity !== 'me');
    await pause();
    expect(exits).toEqual([]);
  });
});
