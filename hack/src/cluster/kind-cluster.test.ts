import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silentProgress } from '../progress/progress.ts';
import { ClusterError } from './cluster-error.ts';
import type { ClusterOptions } from './cluster-options.ts';
import { writeClusterRecord } from './cluster-record.ts';
import { type KindCommands, removeKindCluster, startKindCluster } from './kind-cluster.ts';

let root: string;
let options: ClusterOptions;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sluice-kind-'));
  options = { name: 'sluice', stateFolder: join(root, 'sluice'), progress: silentProgress, signal: new AbortController().signal };
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

interface FakeKind extends KindCommands {
  readonly clusters: Set<string>;
  readonly verbs: string[];
}

/** Keeps clusters as kind does. `create` is what happens at "kind create" before it works. */
function fakeKind(clusters: readonly string[], create: () => Promise<void> = async () => undefined): FakeKind {
  const kept = new Set(clusters);
  const verbs: string[] = [];
  const answer = async (args: readonly string[]): Promise<string> => {
    const verb = args.slice(0, 2).join(' ');
    verbs.push(verb);
    const name = args[args.indexOf('--name') + 1] ?? '';
    if (verb === 'get clusters') return [...kept, ''].join('\n');
    if (verb === 'delete cluster') kept.delete(name);
    if (verb !== 'create cluster') return '';
    kept.add(name);
    await create();
    return '';
  };
  return { clusters: kept, verbs, kind: answer, docker: async () => '{"images":[{"repoTags":["localhost/a:1"]}]}' };
}

async function record(): Promise<unknown> {
  return JSON.parse(await readFile(join(options.stateFolder, 'cluster.json'), 'utf8'));
}

test('a new cluster is recorded as being made before it is, and as made afterwards; the next run reuses it', async () => {
  const during: unknown[] = [];
  const kind = fakeKind(['other'], async () => void during.push(await record()));
  const cluster = await startKindCluster(options, kind);
  expect(during).toEqual([{ kind: 'kind', name: 'sluice', phase: 'creating' }]);
  expect(await record()).toEqual({ kind: 'kind', name: 'sluice', phase: 'made' });
  expect(await cluster.images({ signal: options.signal })).toEqual(['localhost/a:1']);
  await startKindCluster(options, kind);
  expect(kind.verbs).toEqual(['get clusters', 'create cluster', 'export kubeconfig', 'get clusters', 'export kubeconfig']);
});

test("a user's own cluster of that name is neither used nor deleted", async () => {
  const kind = fakeKind(['sluice']);
  await expect(startKindCluster(options, kind)).rejects.toThrow(/there is a kind cluster "sluice" that was not made from .*--name/);
  await expect(access(options.stateFolder)).rejects.toThrow('ENOENT');
  await removeKindCluster(options, kind);
  expect([...kind.clusters]).toEqual(['sluice']);
  expect(kind.verbs).toEqual(['get clusters']);
});

test('one that somebody makes between the look and the creation is not taken for a half-made one of ours', async () => {
  const kind = fakeKind([], async () => Promise.reject(new ClusterError('node(s) already exist for a cluster with the name "sluice"')));
  await expect(startKindCluster(options, kind)).rejects.toThrow('was not made from');
  await expect(startKindCluster(options, kind)).rejects.toThrow('was not made from');
  expect(kind.verbs).not.toContain('delete cluster');
});

test('what an interrupted creation left is deleted and made again', async () => {
  let runs = 0;
  const kind = fakeKind([], async () => {
    runs += 1;
    if (runs === 1) throw new Error('stopped by SIGINT');
  });
  await expect(startKindCluster(options, kind)).rejects.toThrow('SIGINT');
  expect(await record()).toMatchObject({ phase: 'creating' });
  await startKindCluster(options, kind);
  expect(kind.verbs).toEqual(['get clusters', 'create cluster', 'get clusters', 'delete cluster', 'create cluster', 'export kubeconfig']);
  expect(await record()).toMatchObject({ phase: 'made' });
});

test('a cluster of ours that is gone is made again', async () => {
  await writeClusterRecord(join(options.stateFolder, 'cluster.json'), { kind: 'kind', name: 'sluice', phase: 'made' });
  const kind = fakeKind([]);
  await startKindCluster(options, kind);
  expect(kind.verbs).toContain('create cluster');
});

test.each(['creating', 'made'] as const)('a recorded cluster (%s) is deleted with its folder', async (phase) => {
  await writeClusterRecord(join(options.stateFolder, 'cluster.json'), { kind: 'kind', name: 'sluice', phase });
  const kind = fakeKind(['sluice', 'other']);
  await removeKindCluster(options, kind);
  expect([...kind.clusters]).toEqual(['other']);
  await expect(access(options.stateFolder)).rejects.toThrow('ENOENT');
});

test('a folder of another name is no reason to delete the cluster of this name', async () => {
  await writeClusterRecord(join(options.stateFolder, 'cluster.json'), { kind: 'kind', name: 'mine', phase: 'made' });
  const kind = fakeKind(['sluice']);
  await expect(removeKindCluster(options, kind)).rejects.toThrow('belongs to the kind cluster "mine"');
  await expect(startKindCluster(options, kind)).rejects.toThrow('belongs to the kind cluster "mine"');
  expect(kind.verbs).toEqual([]);
});
