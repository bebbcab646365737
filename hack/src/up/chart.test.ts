import { expect, test } from 'vitest';
import { CommandError } from '../process/command.ts';
import { silentProgress } from '../progress/progress.ts';
import { installChart } from './chart.ts';
import type { ClusterCommands } from './cluster-command.ts';

interface Answers {
  readonly pending?: string;
  readonly rollout?: CommandError;
}

function commandsOf({ pending = '', rollout }: Answers): ClusterCommands & { readonly calls: string[] } {
  const calls: string[] = [];
  return {
    calls,
    kubectlPath: 'kubectl',
    helm: async (args) => {
      calls.push(`helm ${args.join(' ')}`);
      return args[0] === 'list' ? pending : '';
    },
    kubectl: async (args) => {
      calls.push(`kubectl ${args.join(' ')}`);
      if (args.includes('rollout') && rollout !== undefined) throw rollout;
      if (args.includes('pods')) return JSON.stringify({ items: [{ metadata: { name: 'sluice-1' } }] });
      if (args.includes('events')) return JSON.stringify({ items: [{ reason: 'FailedMount', message: 'no such volume' }] });
      return 'the configuration is wrong\n';
    },
  };
}

async function install(commands: ClusterCommands): Promise<void> {
  await installChart({ commands, repository: '/clone', operatorImage: 'localhost/sluice-operator:abc', runtimeImage: 'localhost/sluice-runtime:def', progress: silentProgress, signal: new AbortController().signal });
}

test('the chart is installed with the image of this run, then waited for', async () => {
  const commands = commandsOf({});
  await install(commands);
  expect(commands.calls[1]).toMatch(/^helm upgrade --install sluice \/clone\/charts\/sluice .*--namespace sluice-system --create-namespace/);
  expect(commands.calls[1]).toContain('image.repository=localhost/sluice-operator');
  expect(commands.calls[1]).toContain('image.tag=abc');
  expect(commands.calls[2]).toContain('rollout status deployment/sluice');
  expect(commands.calls).toHaveLength(3);
});

test('a release that an interrupted run left pending is cleared first', async () => {
  const commands = commandsOf({ pending: 'sluice\n' });
  await install(commands);
  expect(commands.calls[1]).toBe('helm uninstall sluice --namespace sluice-system');
  expect(commands.calls[2]).toContain('helm upgrade --install');
});

test('a pending release of another name is left alone', async () => {
  const commands = commandsOf({ pending: 'sluice-other\n' });
  await install(commands);
  expect(commands.calls.filter((call) => call.includes('uninstall'))).toEqual([]);
});

test('an operator that does not get ready is told with its pods, warnings and log', async () => {
  const commands = commandsOf({ rollout: new CommandError('timed out', '') });
  await expect(install(commands)).rejects.toThrow(/not ready within 150 s\.\npod sluice-1: Pending\nFailedMount: no such volume\nthe end of its log:\n {2}the configuration is wrong/);
});
