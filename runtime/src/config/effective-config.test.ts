import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { accessFile } from '../server/access/access-file.ts';
import { bundleFixture } from '../testing/bundle-fixture.ts';
import { effectiveConfig, type ConfigEntry } from './effective-config.ts';
import { flagsFile, noFlags } from './live/flags-file.ts';
import { serverVariables } from './variables.ts';

const source = new URL('..', import.meta.url);

function entries(changes: Partial<Parameters<typeof effectiveConfig>[0]> = {}) {
  const all = effectiveConfig({ environment: {}, bundle: bundleFixture(), access: undefined, flags: noFlags, ...changes });
  const find = (name: string, tenant?: string): ConfigEntry | undefined => all.find((entry) => entry.name === name && entry.tenant === tenant);
  return { all, find };
}

describe('the list of variables', () => {
  it('has all that the code reads', () => {
    const files = globSync('{commands,config,server,tools}/**/*.ts', { cwd: source }).filter((file) => !file.endsWith('.test.ts') && !file.startsWith('commands/evaluate'));
    const read = new Set(files.flatMap((file) => [...readFileSync(new URL(file, source), 'utf8').matchAll(/'((?:SLUICE|OTEL)_[A-Z_]*[A-Z])'/g)].map((match) => match[1] ?? '')));
    const known = new Set(serverVariables.map(({ name }) => name));
    expect([...read].filter((name) => !known.has(name) && !name.startsWith('SLUICE_EVAL_')).toSorted()).toEqual([]);
    expect(known.size).toBe(serverVariables.length);
  });

  it('is that of the docs', () => {
    const docs = ['api.md', 'telemetry.md', 'runtime-settings.md'].map((file) => readFileSync(new URL(`../../docs/${file}`, source), 'utf8')).join('\n').replaceAll(/(\w+)\[_FILE\]/g, '$1, $1_FILE');
    const named = (name: string): boolean => docs.includes(name) || (name.startsWith('OTEL_') && docs.includes(name.slice(name.lastIndexOf('_') + 1)));
    expect(serverVariables.map(({ name }) => name).filter((name) => !named(name))).toEqual([]);
  });
});

describe('the configuration in force', () => {
  it('says of each value which layer it is of', () => {
    const access = accessFile.parse({ tenants: { shop: { requestsPerMinute: 600, flags: { jobs: false } } }, defaultTenant: { requestsPerMinute: 60 } });
    const flags = flagsFile.parse({ flags: { streaming: false }, tenants: { shop: { flags: { jobs: true } }, late: { requestsPerMinute: 5 } }, logLevel: 'debug' });
    const { find } = entries({ environment: { SLUICE_PORT: '9090' }, access, flags });
    expect(find('SLUICE_PORT')).toEqual({ name: 'SLUICE_PORT', value: '9090', layer: 'environment' });
    expect(find('SLUICE_HOST')).toEqual({ name: 'SLUICE_HOST', value: '0.0.0.0', layer: 'default' });
    expect(find('limits.maxInputCharacters')).toEqual({ name: 'limits.maxInputCharacters', value: 1_000, layer: 'bundle' });
    expect(find('model.retries.max')).toMatchObject({ value: 2, layer: 'default' });
    expect([find('requestsPerMinute'), find('requestsPerMinute', 'shop'), find('requestsPerMinute', 'late')]).toMatchObject([{ value: 60, layer: 'tenant' }, { value: 600, layer: 'tenant' }, { value: 5, layer: 'flags' }]);
    expect([find('flags.answers'), find('flags.streaming', 'shop'), find('flags.jobs', 'shop'), find('flags.jobs')]).toMatchObject([{ value: true, layer: 'default' }, { value: false, layer: 'flags' }, { value: true, layer: 'flags' }, { value: true, layer: 'default' }]);
    expect(find('logLevel')).toMatchObject({ value: 'debug', layer: 'flags' });
  });

  it('holds no secret, whatever variable it is in', () => {
    const secret = 'CANARY0123456789';
    const environment = {
      ...Object.fromEntries(serverVariables.flatMap(({ name, shown }) => (shown === 'never' || shown === 'path' ? [[name, secret]] : []))),
      SLUICE_STORE: `postgres://sluice:${secret}@db:5432/x?password=${secret}`,
      SLUICE_REDIS: `rediss://:${secret}@cache:6379`,
      OTEL_EXPORTER_OTLP_ENDPOINT: `https://user:${secret}@collector:4318`,
      OTEL_RESOURCE_ATTRIBUTES: `token=x,password=${secret}`,
    };
    const { all, find } = entries({ environment, bundle: bundleFixture({ prompt: `You know ${secret}.` }), access: accessFile.parse({ keys: [{ id: 'one', sha256: 'a'.repeat(64), tenant: 'shop' }] }) });
    expect(JSON.stringify(all)).not.toContain(secret);
    expect(JSON.stringify(all)).not.toContain('aaaa');
    expect(find('SLUICE_STORE_FILE')?.value).toBe('[not shown, as it is no path from "/" or "./" on]');
    expect(entries({ environment: { SLUICE_STORE_FILE: '/run/store-url' } }).find('SLUICE_STORE_FILE')?.value).toBe('/run/store-url');
    expect(find('SLUICE_STORE')?.value).toBe('postgres://redacted:redacted@db:5432/x');
    expect(find('SLUICE_PROVIDER_API_KEY')).toEqual({ name: 'SLUICE_PROVIDER_API_KEY', value: '[redacted]', layer: 'environment' });
    expect(find('prompt')?.value).toEqual({ characters: 26, sha256: expect.stringMatching(/^[0-9a-f]{16}$/) });
  });

  it('shows no text of a URL that cannot be read', () => {
    expect(entries({ environment: { SLUICE_STORE: 'CANARY secret' } }).find('SLUICE_STORE')?.value).toBe('[redacted]');
  });
});
