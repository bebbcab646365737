import { expect, it } from 'vitest';
import { lintFile } from './lint-file.ts';
import { togetherWarnings } from './together.ts';

const agent = (name: string, shard: string | undefined, rollout: object = {}, namespace?: string): object => ({
  apiVersion: 'sluice.dev/v1alpha1', kind: 'AgentDeployment',
  metadata: { name, ...(namespace === undefined ? {} : { namespace }), ...(shard === undefined ? {} : { labels: { 'sluice.dev/shard': shard } }) },
  spec: { agent: { model: { providerRef: { name: 'simm' }, name: 'm-1' }, prompt: { inline: 'Be brief.' } }, rollout },
});
const provider = { apiVersion: 'sluice.dev/v1alpha1', kind: 'ModelProvider', metadata: { name: 'simm' }, spec: { kind: 'OpenAI', endpoint: 'http://x' } };

function warned(...objects: readonly object[]): string[] {
  const files = [...objects, provider].map((object, index) => lintFile(`${index + 1}.yaml`, JSON.stringify(object), { now: 0 }));
  expect(files.flatMap(({ problems }) => problems)).toEqual([]);
  return togetherWarnings(files.flatMap(({ manifests }) => manifests));
}

it.each<readonly [string, readonly object[], readonly string[]]>([
  ['depends on one of another shard', [agent('pay', undefined, { dependsOn: [{ name: 'search' }] }), agent('search', 'blue')], [
    '1.yaml: document 1, AgentDeployment/pay: warning: spec.rollout.dependsOn[0].name: agent "search" belongs to shard "blue" and this one to no shard, so a release would wait for ever: give both the same label sluice.dev/shard, or remove it',
  ]],
  ['shares a group with one of another shard', [agent('pay', 'red', { group: 'shop' }), agent('search', 'blue', { group: 'shop' })], [
    '1.yaml: document 1, AgentDeployment/pay: warning: spec.rollout.group: agent "search" belongs to shard "blue" and this one to shard "red", so a release that fails takes back only those of its own shard: give all agents of group "shop" the same label sluice.dev/shard',
    '2.yaml: document 1, AgentDeployment/search: warning: spec.rollout.group: agent "pay" belongs to shard "red" and this one to shard "blue", so a release that fails takes back only those of its own shard: give all agents of group "shop" the same label sluice.dev/shard',
  ]],
  ['has all of them in its shard', [agent('pay', 'red', { group: 'shop', dependsOn: [{ name: 'search' }] }), agent('search', 'red', { group: 'shop' })], []],
  ['is of another group', [agent('pay', 'red', { group: 'shop' }), agent('search', 'blue', { group: 'bank' })], []],
  ['is of the group of that name in another namespace', [agent('pay', 'red', { group: 'shop' }, 'a'), agent('search', 'blue', { group: 'shop' }, 'b')], []],
])('an agent that %s', (_title, objects, says) => {
  expect(warned(...objects)).toEqual(says);
});
