import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { replaceFile } from './replace-file.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'replace-'));
  path = join(folder, 'config');
  writeFileSync(path, 'old', { mode: 0o600 });
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('replaceFile', () => {
  it.each([0o600, 0o640, 0o644, 0o660])('keeps mode %o, and leaves nothing beside the file', async (mode) => {
    chmodSync(path, mode);
    await replaceFile(path, 'new');
    expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777, readdirSync(folder)]).toEqual(['new', mode, ['config']]);
  });

  it('keeps the owner, where it may set one', async () => {
    if (process.getuid?.() === 0) chownSync(path, 1234, 1234);
    const before = statSync(path);
    await replaceFile(path, 'new');
    expect([statSync(path).uid, statSync(path).gid]).toEqual([before.uid, before.gid]);
  });

  it('writes where a symbolic link points to, and leaves the link', async () => {
    mkdirSync(join(folder, 'far'));
    writeFileSync(join(folder, 'far', 'target'), 'old', { mode: 0o600 });
    symlinkSync(join('far', 'target'), join(folder, 'link'));
    await replaceFile(join(folder, 'link'), 'new');
    expect([lstatSync(join(folder, 'link')).isSymbolicLink(), readFileSync(join(folder, 'far', 'target'), 'utf8')]).toEqual([true, 'new']);
  });

  it('never lets anybody read half of a text', async () => {
    const texts = ['a', 'b'].map((letter) => letter.repeat(200_000));
    writeFileSync(path, texts[0] ?? '');
    const seen = new Set<string>();
    for (let turn = 0; turn < 20; turn++) {
      const writing = new AbortController();
      const write = replaceFile(path, texts[(turn + 1) % 2] ?? '').finally(() => writing.abort());
      while (!writing.signal.aborted) {
        seen.add(readFileSync(path, 'utf8'));
        await new Promise((resolve) => { setImmediate(resolve); });
      }
      await write;
    }
    expect(seen.size).toBeGreaterThan(0);
    for (const text of seen) expect(texts.includes(text)).toBe(true);
  });

  it('leaves the file as it was when the new text cannot be put in its place', async () => {
    const target = join(folder, 'a-folder');
    mkdirSync(join(target, 'full'), { recursive: true });
    await expect(replaceFile(target, 'new')).rejects.toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
    expect([existsSync(join(target, 'full')), readdirSync(folder).toSorted()]).toEqual([true, ['a-folder', 'config']]);
  });
});
