import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readInstallRecord, writeInstallRecord } from './install-record.ts';

const RECORD = { context: 'dev', namespaces: ['sluice-demo'], customResourceDefinitions: ['releases.sluice.dev'] };
let path: string;

beforeEach(async () => {
  path = join(await mkdtemp(join(tmpdir(), 'sluice-record-')), 'sluice', 'installed.json');
});

afterEach(async () => {
  await rm(join(path, '../..'), { recursive: true, force: true });
});

test('a record is read as it was written', async () => {
  await writeInstallRecord(path, RECORD);
  expect(await readInstallRecord(path)).toEqual(RECORD);
});

test('no file is no record', async () => {
  expect(await readInstallRecord(path)).toBeUndefined();
});

test.each(['', '{"context":"dev"}', '{"context":"dev","namespaces":[1],"customResourceDefinitions":[]}'])('%j is never read as nothing to remove', async (text) => {
  await writeInstallRecord(path, RECORD);
  await writeFile(path, text);
  await expect(readInstallRecord(path)).rejects.toThrow(path);
});
