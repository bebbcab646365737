import { describe, expect, it } from 'vitest';
import { jsonFile } from '../testing/runtime-process.ts';
import { readStateSettings } from './state-settings.ts';

const agent = { namespace: 'shop', name: 'support' };

describe('readStateSettings', () => {
  it('keeps all in memory when nothing is said', () => {
    expect(readStateSettings({}, agent)).toMatchObject({ store: { kind: 'sqlite', file: ':memory:' }, redisUrl: undefined, jobConcurrency: 4, callbackHosts: [] });
  });

  it('reads what is said, from files too, and knows what must not be logged', () => {
    const settings = readStateSettings({ SLUICE_STORE: 'postgres://u:pass%20word@db/agents', SLUICE_REDIS: 'redis://:hunter2@cache:6379', SLUICE_JOB_CONCURRENCY: '0', SLUICE_CALLBACK_HOSTS: 'Hooks.example.com, *.example.org:8443', SLUICE_CALLBACK_SECRETS: 'whsec_new whsec_old' }, agent);
    expect(settings).toMatchObject({ store: { kind: 'postgres' }, redisUrl: 'redis://:hunter2@cache:6379', jobConcurrency: 0, callbackHosts: [{ pattern: 'hooks.example.com', port: 443 }, { pattern: '*.example.org', port: 8443 }] });
    expect(settings.callbackSecrets()).toEqual(['whsec_new', 'whsec_old']);
    expect(settings.secrets()).toEqual(['pass%20word', 'pass word', 'hunter2', 'whsec_new', 'whsec_old']);
  });

  it.each([
    ['sqlite:/state.db', { kind: 'sqlite', file: '/state.db', maximumBytes: 805_306_368 }],
    ['sqlite::memory:', { kind: 'sqlite', file: ':memory:', maximumBytes: 805_306_368 }],
    ['postgres://db/agents', { kind: 'postgres', url: 'postgres://db/agents', schema: expect.any(String) }],
  ])('bounds a store of this process: %s', (store, expected) => {
    expect(readStateSettings({ SLUICE_STORE: store, SLUICE_STORE_MAX_BYTES: ' 805306368 ' }, agent).store).toEqual(expected);
    expect(readStateSettings({ SLUICE_STORE: store, SLUICE_STORE_MAX_BYTES: '' }, agent).store).not.toHaveProperty('maximumBytes');
  });

  it.each(['1Gi', '1', '-5', '1e9', '524287'])('refuses "%s" for its bound', (text) => {
    expect(() => readStateSettings({ SLUICE_STORE_MAX_BYTES: text }, agent)).toThrow(`SLUICE_STORE_MAX_BYTES is no number of bytes that an embedded store can do with (got "${text}")`);
  });

  it('tells every problem at once, without a password', () => {
    const read = (): unknown => readStateSettings({ SLUICE_STORE: 'mysql://u:hunter2@db', SLUICE_REDIS: 'http://:hunter2@cache', SLUICE_JOB_CONCURRENCY: 'many', SLUICE_CALLBACK_HOSTS: 'a.example.com, https://b.example.com' }, agent);
    expect(read).toThrow(/SLUICE_STORE names a kind[^]*SLUICE_REDIS is no URL of a Redis server[^]*SLUICE_JOB_CONCURRENCY is no number of jobs \(got "many"\)[^]*SLUICE_CALLBACK_HOSTS holds what is no host \(got "https:\/\/b\.example\.com"\)/);
    expect(read).not.toThrow(/hunter2/);
    expect(() => readStateSettings({ SLUICE_STORE_FILE: '/nowhere/url' }, agent)).toThrow('SLUICE_STORE_FILE names a file that cannot be read (got "/nowhere/url")');
    expect(() => readStateSettings({ SLUICE_CALLBACK_SECRETS_FILE: 'x', SLUICE_REDIS_FILE: 'rediss://:hunter2@cache:6379' }, agent)).toThrow('SLUICE_REDIS_FILE names a file that cannot be read (got "[not shown');
    expect(() => readStateSettings({ SLUICE_REDIS_FILE: jsonFile('x') }, agent)).toThrow('SLUICE_REDIS is no URL');
  });
});
