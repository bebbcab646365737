import { appendFile, chmod, mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findDamage, MANIFEST_NAME, writeManifest } from './manifest.ts';

describe('manifest', () => {
  let folder = '';

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-manifest-'));
    await mkdir(join(folder, 'nested'));
    await writeFile(join(folder, 'program'), 'binary', { mode: 0o755 });
    await writeFile(join(folder, 'nested', 'data'), 'text');
    await symlink('program', join(folder, 'alias'));
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('finds nothing amiss with a folder as it was recorded', async () => {
    await writeManifest(folder);
    expect(await findDamage(folder)).toBeUndefined();
  });

  const damages: readonly [string, () => Promise<unknown>, string][] = [
    ['a changed byte', () => writeFile(join(folder, 'program'), 'binarX'), 'program is not what was built'],
    ['a truncated file', () => truncate(join(folder, 'program'), 2), 'program is not what was built'],
    ['a file that grew', () => appendFile(join(folder, 'nested', 'data'), 'more'), 'nested/data is not what was built'],
    ['a missing file', () => rm(join(folder, 'nested', 'data')), 'nested/data is missing'],
    ['a missing alias', () => rm(join(folder, 'alias')), 'alias is missing'],
    ['a program that cannot be executed', () => chmod(join(folder, 'program'), 0o644), 'program is not what was built'],
    ['no manifest', () => rm(join(folder, MANIFEST_NAME)), 'manifest.json is missing or unreadable'],
    ['a truncated manifest', () => truncate(join(folder, MANIFEST_NAME), 10), 'manifest.json is missing or unreadable'],
    ['a manifest of nothing', () => writeFile(join(folder, MANIFEST_NAME), '{"files":[]}'), 'manifest.json is missing or unreadable'],
  ];

  it.each(damages)('notices %s', async (_, damage, sentence) => {
    await writeManifest(folder);
    await damage();
    expect(await findDamage(folder)).toBe(sentence);
  });

  it('takes a folder that does not exist for damaged', async () => {
    expect(await findDamage(join(folder, 'absent'))).toBe('manifest.json is missing or unreadable');
  });
});
