import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UP_HELP } from '../up/help.ts';
import { writeClusterRecord } from './cluster-record.ts';
import { claimFolder, existingCluster } from './existing-cluster.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-context-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

test('what the refusal of an archive advises are options that ./hack/up has', async () => {
  const signal = new AbortController().signal;
  const message = await existingCluster('prod', '/kubeconfig').loadImage('image.tar', { signal }).then(String, String);
  expect(message).toContain('context prod');
  const options = message.match(/--[a-z-]+/g) ?? [];
  expect(options).toContain('--operator-image');
  for (const option of options) expect(UP_HELP).toContain(`  ${option} `);
});

test('the folder is marked as of this context, also by the next run', async () => {
  for (const _run of [1, 2]) await claimFolder('prod', folder);
  expect(JSON.parse(await readFile(join(folder, 'cluster.json'), 'utf8'))).toEqual({ kind: 'existing', name: 'prod' });
});

test.each([
  [{ kind: 'existing', name: 'dev' } as const, 'belongs to the context dev'],
  [{ kind: 'kind', name: 'sluice', phase: 'made' } as const, 'belongs to the kind cluster sluice'],
])('the folder of %j is not taken over', async (record, problem) => {
  await writeClusterRecord(join(folder, 'cluster.json'), record);
  await expect(claimFolder('prod', folder)).rejects.toThrow(problem);
});
