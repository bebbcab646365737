import { expect, test } from 'vitest';
import type { ClusterCommands } from './cluster-command.ts';
import { installShard, removeShard } from './shard.ts';

function recorded(): { readonly calls: string[]; readonly commands: ClusterCommands } {
  const calls: string[] = [];
  const note = (program: string) => async (args: readonly string[]) => {
    calls.push([program, ...args].join(' '));
    return '';
  };
  return { calls, commands: { kubectlPath: '/kubectl', kubectl: note('kubectl'), helm: note('helm') } };
}

test('a shard is a second release of the chart, without CRDs of its own, and the first operator may take agents over too', async () => {
  const { calls, commands } = recorded();
  await installShard('blue', { commands, repository: '/repository', operatorImage: 'operator:1', runtimeImage: 'runtime:1', signal: AbortSignal.timeout(1000) });
  expect(calls).toHaveLength(2);
  expect(calls[0]).toMatch(/^helm upgrade --install sluice \/repository\/charts\/sluice .*--set rbac\.sharding=true$/);
  expect(calls[1]).toMatch(/^helm upgrade --install sluice-blue \/repository\/charts\/sluice .*--set crds\.install=false --set-string shard=blue$/);
});

test('a shard that is removed is uninstalled', async () => {
  const { calls, commands } = recorded();
  await removeShard('blue', { commands, signal: AbortSignal.timeout(1000) });
  expect(calls).toEqual(['helm uninstall sluice-blue --namespace sluice-system --wait --timeout 2m']);
});
