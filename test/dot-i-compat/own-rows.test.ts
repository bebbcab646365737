import { FakeClock } from '@sluice/kube';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OperatorRig } from '../../kube/src/operator-class/testing/operator-rig.ts';
import { eventually } from '../../kube/src/testing/eventually.ts';
import { widget } from '../../kube/src/testing/widgets.ts';

let rig: OperatorRig;

beforeEach(async () => {
  rig = await OperatorRig.start();
});

afterEach(() => rig.close());

describe('row A.2/silent connection', () => {
  it('is given up after 150 s without a line, and what came meanwhile is heard', async () => {
    const { api } = rig.server;
    const clock = new FakeClock();
    const heard: string[] = [];
    const operator = rig.operator((each) => each.watch(async ({ type, meta }) => void heard.push(`${type} ${meta.name}`)), { clock });
    await operator.start();
    await eventually('it watches', () => api.openWatches === 1);
    const before = api.count('watch');
    // Events that never reach the client, as behind a dead load balancer.
    api.holdEvents(() => {});
    api.put(widget('lost', 'ns'));
    await clock.advance(149_000);
    expect(api.count('watch')).toBe(before);
    await clock.advance(2_000);
    await eventually('it is heard after all', async () => {
      await clock.advance(1_000);
      return heard.includes('ADDED lost');
    });
    expect(api.count('watch')).toBeGreaterThan(before);
    operator.stop();
    await operator.finished();
  });
});

describe('row A.2/two namespaces of one resource', () => {
  it('are heard apart, and both end with the stop', async () => {
    const { api } = rig.server;
    const heard: Record<string, string[]> = { one: [], two: [] };
    const operator = rig.operator(async (each) => {
      for (const namespace of ['one', 'two']) await each.watch(async ({ meta }) => void heard[namespace]?.push(`${meta.namespace}/${meta.name}`), namespace);
    });
    for (const namespace of ['one', 'two']) api.put(widget('a', namespace));
    await operator.start();
    await eventually('both are heard', () => heard['one']?.length === 1 && heard['two']?.length === 1);
    expect(heard).toEqual({ one: ['one/a'], two: ['two/a'] });
    await eventually('both watch', () => api.openWatches === 2);
    operator.stop();
    await operator.finished();
    await eventually('no connection is left', () => api.openWatches === 0 && api.server.sockets.open === 0);
  });
});
