import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { silentProgress } from '../progress/progress.ts';
import { type NodeAddresses, nodeAddresses } from './addresses.ts';
import { ClusterError } from './cluster-error.ts';
import { holdsEtcdData, type NodeLife, startOrRepair } from './repair-node.ts';

interface World {
  readonly found: 'recorded' | 'none' | 'addresses taken';
  /** How many starts fail before one works. */
  readonly failures?: number;
  readonly data?: 'stored' | 'none';
}

const STOP = new AbortController().signal;

function nodeIn({ found, failures = 0, data = 'stored' }: World): NodeLife & { readonly calls: string[] } {
  const calls: string[] = [];
  let left = failures;
  return {
    calls,
    find: async (): Promise<NodeAddresses | 'none' | 'addresses taken'> => (found === 'recorded' ? nodeAddresses(0) : found),
    hasData: async () => data === 'stored',
    start: async () => {
      calls.push('start');
      left -= 1;
      if (left >= 0) throw new ClusterError(`etcd: failure ${failures - left}`);
    },
    endProcesses: async () => void calls.push('end processes'),
    remove: async () => void calls.push('remove'),
    startNew: async () => void calls.push('start new'),
  };
}

async function run(node: NodeLife, signal = STOP): Promise<void> {
  return startOrRepair(node, { name: 'sluice', folder: '/clone/.cluster/sluice', progress: silentProgress, signal });
}

test.each<[string, World, readonly string[]]>([
  ['nothing recorded: a new one', { found: 'none' }, ['start new']],
  ['it runs, or starts: nothing else', { found: 'recorded' }, ['start']],
  ['some of it is broken: new processes on its data', { found: 'recorded', failures: 1 }, ['start', 'end processes', 'start']],
  ['its first start never stored anything: made anew', { found: 'recorded', failures: 2, data: 'none' }, ['start', 'end processes', 'start', 'remove', 'start new']],
  ['its place is taken and it stored nothing: made anew', { found: 'addresses taken', data: 'none' }, ['remove', 'start new']],
])('%s', async (_title, world, calls) => {
  const node = nodeIn(world);
  await run(node);
  expect(node.calls).toEqual(calls);
});

test.each<[string, World, string]>([
  ['that does not start twice', { found: 'recorded', failures: 2 }, 'etcd: failure 2'],
  ['whose place is taken', { found: 'addresses taken' }, 'another cluster of this machine uses its network addresses'],
])('the data of a node %s is kept, and the error names what drops it', async (_title, world, problem) => {
  const node = nodeIn(world);
  const running = run(node);
  await expect(running).rejects.toThrow(ClusterError);
  for (const part of [problem, '/clone/.cluster/sluice', './hack/up --fresh', './hack/down']) await expect(running).rejects.toThrow(part);
  expect(node.calls).not.toContain('remove');
  expect(node.calls).not.toContain('start new');
});

test('an interrupted start is no reason to restart anything', async () => {
  const node = nodeIn({ found: 'recorded', failures: 1 });
  await expect(run(node, AbortSignal.abort(new Error('Ctrl-C')))).rejects.toThrow('Ctrl-C');
  expect(node.calls).toEqual(['start']);
});

test('etcd has stored something once its member folder is there', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-etcd-'));
  onTestFinished(async () => rm(folder, { recursive: true, force: true }));
  expect(await holdsEtcdData(join(folder, 'absent'))).toBe(false);
  expect(await holdsEtcdData(folder)).toBe(false);
  await mkdir(join(folder, 'member'));
  expect(await holdsEtcdData(folder)).toBe(true);
});
