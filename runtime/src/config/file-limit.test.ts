import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readFileLimit } from './file-limit.ts';

function limits(line: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'sluice-limits-')), 'limits');
  writeFileSync(path, `Limit                     Soft Limit           Hard Limit           Units     \nMax processes             96325                96325                processes \n${line}\nMax locked memory         8388608              8388608              bytes     \n`);
  return path;
}

it('reads the soft limit, and tells none where there is none or nothing says so', () => {
  expect(readFileLimit(limits('Max open files            4096                 20000                files     '))).toBe(4_096);
  expect(readFileLimit(limits('Max open files            unlimited            unlimited            files     '))).toBeUndefined();
  expect(readFileLimit('/nowhere/limits')).toBeUndefined();
});
