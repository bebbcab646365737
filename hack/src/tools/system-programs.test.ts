import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findCniFolder, findProgram } from './system-programs.ts';

const PLUGINS = ['bridge', 'host-local', 'loopback', 'portmap'];
let machine: string;

beforeEach(async () => {
  machine = await mkdtemp(join(tmpdir(), 'sluice-machine-'));
});

afterEach(async () => {
  await rm(machine, { recursive: true, force: true });
});

async function folderWith(name: string, programs: readonly string[], mode = 0o755): Promise<string> {
  const folder = join(machine, name);
  await mkdir(folder, { recursive: true });
  for (const program of programs) await writeFile(join(folder, program), '', { mode });
  return folder;
}

test("iproute2's bridge on PATH does not stand for the CNI plugins", async () => {
  const sbin = await folderWith('sbin', ['bridge', 'ip']);
  const cni = await folderWith('cni', PLUGINS);
  expect(await findCniFolder(sbin, [join(machine, 'absent'), cni])).toBe(cni);
  expect(await findCniFolder(`${sbin}:${cni}`, [])).toBe(cni);
});

test.each(PLUGINS)('a folder without %s is passed over', async (lacking) => {
  const partial = await folderWith('partial', PLUGINS.filter((name) => name !== lacking));
  expect(await findCniFolder('', [partial])).toBeUndefined();
  const whole = await folderWith('whole', PLUGINS);
  expect(await findCniFolder('', [partial, whole])).toBe(whole);
});

test('a program is the first executable file of its name', async () => {
  const data = await folderWith('data', ['sluice-program'], 0o644);
  const bin = await folderWith('bin', ['sluice-program']);
  expect(await findProgram('sluice-program', `:${data}:${bin}`)).toBe(join(bin, 'sluice-program'));
  expect(await findProgram('sluice-program', data)).toBeUndefined();
});
