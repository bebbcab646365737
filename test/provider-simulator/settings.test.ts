import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readSettings, SettingsError } from './settings.ts';

it('listens on loopback port 8080 by default', async () => {
  expect(await readSettings({})).toEqual({ host: '127.0.0.1', port: 8080, script: undefined });
});

it('takes host, port and script from the environment', async () => {
  const settings = await readSettings({ HOST: '0.0.0.0', PORT: '9000', SIMULATOR_SCRIPT: '{"seed":5}' });
  expect(settings).toMatchObject({ host: '0.0.0.0', port: 9000, script: { seed: 5 } });
});

it('reads the script file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'simulator-'));
  try {
    await writeFile(join(folder, 'script.json'), '{"seed":6}');
    expect(await readSettings({ SIMULATOR_SCRIPT_FILE: join(folder, 'script.json') })).toMatchObject({ script: { seed: 6 } });
  } finally {
    await rm(folder, { recursive: true });
  }
});

it.each([
  [{ PORT: 'http' }, /PORT = "http": give a whole number/u],
  [{ PORT: '70000' }, /PORT/u],
  [{ SIMULATOR_SCRIPT: '{}', SIMULATOR_SCRIPT_FILE: 'x' }, /both set: keep one/u],
  [{ SIMULATOR_SCRIPT_FILE: '/nowhere/script.json' }, /SIMULATOR_SCRIPT_FILE = "\/nowhere\/script.json": cannot be read/u],
])('refuses %j', async (env, message) => {
  await expect(readSettings(env)).rejects.toThrow(SettingsError);
  await expect(readSettings(env)).rejects.toThrow(message);
});
