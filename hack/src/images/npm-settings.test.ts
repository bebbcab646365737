import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { npmrcText, proxyArguments, withNpmSecrets } from './npm-settings.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-npm-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

test('the build uses the user settings, then the registry and the authorities of the machine', () => {
  const settings = { registry: 'https://registry.example/', userConfig: undefined, certificateAuthorities: '/etc/ca.pem' };
  expect(npmrcText('fund=false\n', settings)).toBe('fund=false\nregistry=https://registry.example/\ncafile=/run/npm-ca.pem\n');
  expect(npmrcText('', { ...settings, certificateAuthorities: undefined })).toBe('registry=https://registry.example/\n');
});

test('the secrets exist for the build only, readable by their owner only', async () => {
  const userConfig = join(folder, 'user');
  await writeFile(userConfig, '//registry.example/:_authToken=secret\n');
  const settings = { registry: 'https://registry.example/', userConfig, certificateAuthorities: '/etc/ca.pem' };
  const seen = await withNpmSecrets(settings, folder, async (secrets) => {
    const file = secrets.find((secret) => secret.id === 'npmrc')!.file;
    return { secrets, mode: (await stat(file)).mode & 0o777, text: await readFile(file, 'utf8') };
  });
  expect(seen.secrets.map((secret) => secret.id)).toEqual(['npmrc', 'npm_ca']);
  expect(seen.mode).toBe(0o600);
  expect(seen.text).toContain('_authToken=secret');
  expect(await readdir(folder)).toEqual(['user']);
});

test('the secrets are removed when the build fails, and a user without settings is fine', async () => {
  const settings = { registry: '', userConfig: join(folder, 'none'), certificateAuthorities: undefined };
  await expect(withNpmSecrets(settings, folder, async () => Promise.reject(new Error('build failed')))).rejects.toThrow('build failed');
  expect(await readdir(folder)).toEqual([]);
});

test('only proxy variables that are set reach the build', () => {
  expect(proxyArguments({ HTTPS_PROXY: 'http://proxy.example:3128', http_proxy: '', HOME: '/root' })).toEqual({ HTTPS_PROXY: 'http://proxy.example:3128' });
});
