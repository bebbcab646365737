import type { AgentDeployment, RolloutSpec } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { sampleAgent } from '../../revision/testing/sample-agent.ts';
import { shardLabel, type Shard } from '../../sharding/shard.ts';
import { absenceOf, type Elsewhere, uncoordinated, type Whereabouts } from './elsewhere.ts';

function agentIn(shard: Shard, rollout: Partial<RolloutSpec> = {}): AgentDeployment {
  const sample = sampleAgent({ spec: { rollout: rollout as RolloutSpec } });
  return { ...sample, metadata: { ...sample.metadata, labels: shard === undefined ? {} : { [shardLabel]: shard } } };
}

const found = (dependencies: Readonly<Record<string, Whereabouts>>, group: Readonly<Record<string, Shard>> = {}): Elsewhere => ({ dependencies: new Map(Object.entries(dependencies)), group: new Map(Object.entries(group)) });

describe('an agent that a release waits for and this operator does not see', () => {
  it.each<readonly [string, Shard, Elsewhere | undefined, string]>([
    ['is in another shard', undefined, found({ search: { kind: 'InShard', shard: 'blue' } }), 'it belongs to shard "blue", and this one to no shard: an operator sees the agents of its own shard alone, so this waits for ever; give both the same label sluice.dev/shard, or remove it from rollout.dependsOn'],
    ['is in none', 'red', found({ search: { kind: 'InShard', shard: undefined } }), 'it belongs to no shard, and this one to shard "red": an operator'],
    ['does not exist', 'red', found({ search: { kind: 'Nowhere' } }), 'there is no AgentDeployment of that name in this namespace; create it, or remove it from rollout.dependsOn'],
    ['was made a moment ago', 'red', found({ search: { kind: 'InShard', shard: 'red' } }), 'it is there, and this operator is about to see it'],
    ['could not be asked for', 'red', found({}), "that this operator looks after; create it, give both the same label sluice.dev/shard where it is another shard's, or remove it from rollout.dependsOn"],
    ['was not asked for', 'red', undefined, 'there is no AgentDeployment of that name in this namespace that this operator looks after'],
  ])('%s', (_name, shard, elsewhere, says) => {
    expect(absenceOf('search', agentIn(shard), elsewhere)).toContain(says);
  });
});

describe('what several shards do not bring about together', () => {
  it.each<readonly [string, Elsewhere | undefined, readonly string[]]>([
    ['nothing where nobody was asked', undefined, []],
    ['nothing where all are here', found({}), []],
    ['nothing of one that does not exist, or was made a moment ago', found({ a: { kind: 'Nowhere' }, b: { kind: 'InShard', shard: 'red' } }), []],
    ['a group', found({}, { search: 'blue', cart: undefined }), ['rollout.group "shop": this agent belongs to shard "red", and "cart" to no shard, "search" to shard "blue"; a release that fails there takes nothing back here, nor the other way round: give all agents of the group the same label sluice.dev/shard']],
    ['a dependency', found({ search: { kind: 'InShard', shard: 'blue' } }), ['rollout.dependsOn: this agent belongs to shard "red", and "search" to shard "blue"; its releases would wait for ever: give both the same label sluice.dev/shard, or remove it from rollout.dependsOn']],
  ])('is %s', (_name, elsewhere, says) => {
    expect(uncoordinated(agentIn('red', { group: 'shop' }), elsewhere)).toEqual(says);
  });

  it('names five of many', () => {
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`a${index}`, 'blue']));
    const [sentence = ''] = uncoordinated(agentIn('red', { group: 'shop' }), found({}, many));
    expect(sentence).toContain('"a11" to shard "blue", "a12" to shard "blue", 35 more to others; a release');
  });
});
