import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentProgress } from '../progress/progress.ts';
import { ensureCluster, removeCluster } from './cluster.ts';
import { type ClusterRecord, readClusterRecord, writeClusterRecord } from './cluster-record.ts';
import { parseCrictlImages } from './kind-cluster.ts';
import { clusterStatus } from './status.ts';

describe('cluster', () => {
  let folder = '';
  const options = (name: string, stateFolder = folder): Parameters<typeof removeCluster>[0] => ({
    name,
    stateFolder,
    progress: silentProgress,
    signal: new AbortController().signal,
  });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-cluster-'));
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  it.each(['', 'Upper', 'dash-', '-dash', 'under_score', 'n'.repeat(41), '../up'])('refuses the name %j and says which ones will do', async (name) => {
    await expect(ensureCluster(options(name))).rejects.toThrow(`cluster name "${name}": use 1 to 40`);
  });

  it('refuses a relative state folder', async () => {
    await expect(removeCluster(options('test', 'here'))).rejects.toThrow('state folder "here": give an absolute path');
  });

  it('has nothing to remove where there is no record, and leaves the folder alone', async () => {
    await writeFile(join(folder, 'mine'), 'kept');
    await removeCluster(options('test'));
    expect(await readFile(join(folder, 'mine'), 'utf8')).toBe('kept');
    expect(await clusterStatus(folder)).toBe(`no cluster in ${folder}`);
  });

  it('makes no cluster in a folder that holds something else', async () => {
    await writeFile(join(folder, 'mine'), 'kept');
    await expect(ensureCluster(options('test'))).rejects.toThrow(`${folder} holds something else`);
    await expect(ensureCluster({ ...options('test'), data: 'drop' })).rejects.toThrow(`${folder} holds something else`);
    expect(await readFile(join(folder, 'mine'), 'utf8')).toBe('kept');
  });

  it('leaves a folder of somebody else\'s cluster to the context that it belongs to', async () => {
    await writeClusterRecord(join(folder, 'cluster.json'), { kind: 'existing', name: 'prod' });
    await expect(ensureCluster(options('test'))).rejects.toThrow('give --context prod');
    await removeCluster(options('test'));
    expect(await readClusterRecord(join(folder, 'cluster.json'))).toEqual({ kind: 'existing', name: 'prod' });
  });

  it.each<ClusterRecord>([
    { kind: 'kind', name: 'a', phase: 'creating' },
    { kind: 'existing', name: 'prod' },
    { kind: 'local', name: 'b', slot: 3, mountPoints: ['/run/containerd'] },
  ])('reads the record that it wrote: $kind', async (record) => {
    const path = join(folder, 'nested', 'cluster.json');
    await writeClusterRecord(path, record);
    expect(await readClusterRecord(path)).toEqual(record);
  });

  it.each(['', '{', '{"kind":"local","name":"a"}', '{"kind":"kind","name":"a"}', '{"kind":"kind","phase":"made"}', '[]'])('does not guess what a broken record meant: %j', async (text) => {
    await writeFile(join(folder, 'cluster.json'), text);
    await expect(removeCluster(options('test'))).rejects.toThrow('is not a cluster record: remove the file after');
  });
});

describe('parseCrictlImages', () => {
  it.each([
    ['{"images":[{"repoTags":["localhost/a:1","localhost/a:2"]},{"repoTags":[]},{"repoTags":null},{}]}', ['localhost/a:1', 'localhost/a:2']],
    ['{"images":[]}', []],
    ['{}', []],
  ])('%s', (output, expected) => {
    expect(parseCrictlImages(output)).toEqual(expected);
  });
});
