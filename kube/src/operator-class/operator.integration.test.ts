import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../testing/eventually.ts';
import { installWidgets, openTestCluster, testConnection, type TestCluster } from '../testing/test-cluster.ts';
import { widget, widgets } from '../testing/widgets.ts';
import type { OperatorOptions } from './operator.ts';
import { OpenOperator } from './testing/operator-rig.ts';

const FINALIZER = 'kube-tests.sluice.dev/operator-class';
let cluster: TestCluster;

beforeAll(async () => {
  cluster = await openTestCluster('operator-class');
  await installWidgets(cluster);
});

afterAll(() => cluster.close());

/** Sets the finalizer and a status that says who worked; notes what it cleaned up. */
function worker(name: string, cleaned: string[], options: OperatorOptions = {}): OpenOperator {
  return new OpenOperator((operator) => operator.watch(async (event) => {
    const handled = await operator.finalize(event, FINALIZER, async ({ meta }) => void cleaned.push(meta.name));
    if (!handled && event.type !== 'DELETED') await operator.setStatus(event.meta, { phase: name, observedSize: (event.object as typeof event.object & { spec: { size: number } }).spec.size });
  }, cluster.namespace), { connection: testConnection(), ...options }, []);
}

async function phase(name: string): Promise<string | undefined> {
  return (await cluster.client.find(widgets, { namespace: cluster.namespace, name }, cluster.call))?.status?.phase;
}

describe('Operator on a real API server', () => {
  it('keeps up with other writers of the same objects, and cleans up each once', async () => {
    const { client, call, namespace } = cluster;
    const cleaned: string[] = [];
    const operator = worker('alone', cleaned);
    await operator.start();
    const names = Array.from({ length: 8 }, (_, index) => `w${index}`);
    for (const name of names) await client.create(widgets, widget(name, namespace), call);
    for (let size = 2; size <= 6; size++) {
      for (const name of names) await client.mergePatch(widgets, { namespace, name }, { spec: { size }, metadata: { annotations: { turn: String(size) } } }, call);
    }
    await eventually('the last size is observed everywhere', async () => (await client.list(widgets, { namespace }, call)).items.every(({ status }) => status?.observedSize === 6));
    for (const name of names) await client.delete(widgets, { namespace, name }, {}, call);
    await eventually('all are gone', async () => (await client.list(widgets, { namespace }, call)).items.length === 0);
    operator.stop();
    await operator.finished();
    expect(cleaned.toSorted()).toEqual(names);
  });

  it('lets one of two lead, and the other follow it when it stops', async () => {
    const { client, call, namespace } = cluster;
    const elected = (identity: string): OperatorOptions => ({
      leaderElection: { lease: { namespace, name: 'operator-class' }, identity, leaseDurationMs: 4_000, renewDeadlineMs: 3_000, retryPeriodMs: 200 },
    });
    const [first, second] = [worker('first', [], elected('first')), worker('second', [], elected('second'))];
    await first.start();
    await client.create(widgets, widget('led', namespace), call);
    await eventually('the first works', async () => (await phase('led')) === 'first');
    await second.start();
    first.stop();
    await first.finished();
    await client.mergePatch(widgets, { namespace, name: 'led' }, { spec: { size: 5 } }, call);
    await eventually('the second works', async () => (await phase('led')) === 'second');
    await client.delete(widgets, { namespace, name: 'led' }, {}, call);
    await eventually('it is cleaned up', async () => (await phase('led')) === undefined);
    second.stop();
    await second.finished();
  });
});
