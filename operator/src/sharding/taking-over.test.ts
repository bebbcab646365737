import type { AgentDeployment } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { MemoryCluster } from '../agent/testing/memory-cluster.ts';
import { World } from '../agent/testing/world.ts';
import { isoTime } from '../evidence/clock-time.ts';
import { agentDeployments } from '../resources.ts';
import { sampleAgent } from '../revision/testing/sample-agent.ts';
import { shardLabel } from './shard.ts';
import { stuckStatus, takeOverWaitMs, takingOver } from './taking-over.ts';
import { copyInto, moveTo, ShardOperator, types, undivided } from './testing/shard-operator.ts';

const begun = Date.parse('2026-11-22T12:00:00Z');
const at = (seconds: number): number => begun + seconds * 1000;
const healthy: AgentDeployment = { ...sampleAgent(), status: { phase: 'Healthy', conditions: [{ type: 'Ready', status: 'True', reason: 'Serving', message: '', lastTransitionTime: isoTime(at(-60)) }] } };
const underWay: AgentDeployment = { ...healthy, status: takingOver(healthy, { kind: 'Begins' }, begun) };

describe('a take-over', () => {
  it('is no state that is ready, from its first write on', () => {
    expect(underWay.status).toMatchObject({ phase: 'Progressing', conditions: [{ type: 'Ready', status: 'False', reason: 'TakingOver', lastTransitionTime: isoTime(begun) }, { type: 'Reconciling', status: 'True' }, { type: 'Stalled', status: 'False' }] });
  });

  it('that does not get on for half a minute is a person\'s business, with what it waits for, and is told once', () => {
    expect(stuckStatus(underWay, 'releases is forbidden', at(29))).toBeUndefined();
    const status = stuckStatus(underWay, 'releases is forbidden', at(31))!;
    expect(status).toMatchObject({ phase: 'Degraded', conditions: [{ type: 'Ready', status: 'False', reason: 'TakeOverStuck', lastTransitionTime: isoTime(begun) }, { type: 'Reconciling', status: 'False' }, { type: 'Stalled', status: 'True' }] });
    expect(status.message).toContain('releases is forbidden');
    expect(stuckStatus({ ...underWay, status }, 'releases is forbidden', at(60))).toBeUndefined();
  });

  it.each([[0, 200], [1, 500], [20, 10_000], [3_600, 30_000]])('that has lasted for %d s is looked at again after %d ms', (seconds, ms) => {
    expect(takeOverWaitMs(underWay, at(seconds))).toBe(ms);
  });
});

it('that an API server refuses says so in the status of the agent', async () => {
  const world = new World({ rollout: { gates: {} } });
  world.ask('good 1');
  for (let look = 0; look < 30; look += 1) {
    await world.reconcile();
    world.pass(3_000);
  }
  const cluster = new MemoryCluster();
  const time = { now: begun };
  copyInto(cluster, Object.values(types).flatMap(({ kind }) => world.cluster.list(kind)).map((object) => {
    if (undivided.has(object.kind)) return object;
    const labelled = { ...object, metadata: { ...object.metadata, labels: { ...object.metadata.labels, [shardLabel]: 'blue' } } };
    return object.kind === 'AgentDeployment' ? { ...labelled, status: { ...(object as AgentDeployment).status, shard: 'blue' } } : labelled;
  }));
  moveTo(cluster, 'red');
  const put = cluster.put.bind(cluster);
  cluster.put = (type, object) => {
    if (type.kind === 'Release') throw new Error('releases.sluice.dev is forbidden');
    return put(type, object);
  };
  const operator = new ShardOperator({ cluster, shard: 'red', time });
  const agent = () => cluster.find(agentDeployments, { namespace: 'demo', name: 'support' }) as AgentDeployment;
  await operator.look().catch(() => undefined);
  expect(agent().status).toMatchObject({ phase: 'Progressing', shard: 'red', observedGeneration: agent().metadata.generation });
  time.now += 40_000;
  await expect(operator.look()).rejects.toThrow('is forbidden');
  expect(agent().status).toMatchObject({ phase: 'Degraded', takeOver: expect.any(String) as string, message: expect.stringContaining('releases.sluice.dev is forbidden') as string });
});
