import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSettings } from './environment.ts';
import { openProviderKey } from './provider-key.ts';

describe('readSettings', () => {
  it('has defaults for a pod', () => {
    expect(readSettings({})).toEqual({ bundleFile: '/etc/sluice/bundle/agent.json', revision: 'unknown', host: '0.0.0.0', port: 8080, mirrorPort: 8082, logLevel: 'info', drainTimeoutMilliseconds: 25_000 });
  });

  it('takes what is set, and an empty value as not set', () => {
    expect(readSettings({ SLUICE_PORT: '9000', SLUICE_REVISION: 'abc123', SLUICE_LOG_LEVEL: 'DEBUG', SLUICE_DRAIN_TIMEOUT: '1m30s', SLUICE_HOST: '' })).toMatchObject({ port: 9000, revision: 'abc123', logLevel: 'debug', drainTimeoutMilliseconds: 90_000, host: '0.0.0.0' });
  });

  it.each([
    [{ SLUICE_PORT: '80a' }, 'SLUICE_PORT must be a port number (got "80a")'],
    [{ SLUICE_PORT: '70000' }, 'SLUICE_PORT must be a port number'],
    [{ SLUICE_MIRROR_PORT: '-1' }, 'SLUICE_MIRROR_PORT must be a port number (got "-1"). Set it to a number between 0 and 65535, or remove it for 8082.'],
    [{ SLUICE_LOG_LEVEL: 'loud' }, 'SLUICE_LOG_LEVEL is no log level (got "loud"). Set it to one of trace, debug, info'],
    [{ SLUICE_DRAIN_TIMEOUT: '25' }, 'SLUICE_DRAIN_TIMEOUT must be a duration of at least 1000ms (got "25"). Write for example "25s".'],
    [{ SLUICE_DRAIN_TIMEOUT: '10ms' }, 'SLUICE_DRAIN_TIMEOUT must be'],
    [{ SLUICE_REVISION: 'a b' }, 'SLUICE_REVISION must consist of'],
  ])('refuses %j', (environment, sentence) => {
    expect(() => readSettings(environment)).toThrow(sentence);
  });

  it('tells every problem', () => {
    expect(() => readSettings({ SLUICE_PORT: 'x', SLUICE_LOG_LEVEL: 'y' })).toThrow(/SLUICE_PORT[^]*SLUICE_LOG_LEVEL/);
  });
});

describe('openProviderKey', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-key-'));
  const path = join(folder, 'key');
  const provider = { kind: 'Anthropic' } as const;

  it('takes the key of the environment, trimmed', () => {
    const key = openProviderKey({ SLUICE_PROVIDER_API_KEY: ' sk-1\n' }, provider);
    expect([key.current(), key.reload(), key.secrets()]).toEqual(['sk-1', 'same', ['sk-1']]);
  });

  it('takes up a rotated file and remembers what to keep out of logs', () => {
    writeFileSync(path, 'sk-old\n');
    const key = openProviderKey({ SLUICE_PROVIDER_API_KEY_FILE: path, SLUICE_PROVIDER_API_KEY: 'sk-env' }, provider);
    expect([key.current(), key.reload()]).toEqual(['sk-old', 'same']);
    writeFileSync(path, 'sk-new');
    expect([key.reload(), key.current(), key.secrets()]).toEqual(['changed', 'sk-new', ['sk-new', 'sk-old']]);
    rmSync(path);
    expect([key.reload(), key.current()]).toEqual(['unusable', 'sk-new']);
  });

  it('lets an endpoint of its own go without a key', () => {
    const key = openProviderKey({}, { kind: 'OpenAI', endpoint: 'http://ollama:11434/v1' });
    expect([key.current(), key.secrets()]).toEqual(['none', []]);
  });

  it('says what to do when there is none', () => {
    expect(() => openProviderKey({}, provider)).toThrow('SLUICE_PROVIDER_API_KEY_FILE and SLUICE_PROVIDER_API_KEY are both not set. Mount the Secret');
    expect(() => openProviderKey({ SLUICE_PROVIDER_API_KEY_FILE: join(folder, 'none') }, provider)).toThrow('names a file that cannot be read');
    writeFileSync(path, '\n');
    expect(() => openProviderKey({ SLUICE_PROVIDER_API_KEY_FILE: path }, provider)).toThrow('names an empty file');
  });

  it('never repeats a key that is not usable', () => {
    expect(() => openProviderKey({ SLUICE_PROVIDER_API_KEY: 'sk-1\nsk-2' }, provider)).toThrow(/^SLUICE_PROVIDER_API_KEY holds white space or characters that no key has\. Store the key alone/);
    expect(() => openProviderKey({ SLUICE_PROVIDER_API_KEY_FILE: 'c2VjcmV0IGtleQ==' }, provider)).toThrow('cannot be read (got "[not shown, as it is no path');
  });
});
