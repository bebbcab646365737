import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../platform/clock-fake.ts';
import { createFakeWallClock } from '../platform/wall-clock-fake.ts';
import { migrations } from './migrations/migrate.ts';
import { openStore } from './open-store.ts';
import { parseStoreLocation, schemaOf } from './store-location.ts';

const agent = { namespace: 'shop', name: 'billing-agent' };
const owner = { tenant: 'a', subject: 'ann' };

describe('openStore', () => {
  it('keeps all of it in one file, over a restart', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-open-store-'));
    const options = { location: { kind: 'sqlite', file: join(folder, 'state.db') }, clock: createFakeWallClock(), timer: createFakeClock(), random: { fraction: () => 0, id: () => 'id' }, limits: { jobs: { maxAttempts: 9 } } } as const;
    const first = await openStore(options);
    expect(first.migrated.applied).toEqual(migrations.map(({ version }) => version));
    await first.check();
    await first.sessions.create({ id: 's', owner });
    expect(await first.jobs.enqueue({ id: 'j', owner, payload: {} })).toMatchObject({ job: { maxAttempts: 9 } });
    await first.close();
    await expect(first.check()).rejects.toMatchObject({ failure: 'closed' });
    const second = await openStore(options);
    expect(second.migrated.applied).toEqual([]);
    expect(await second.sessions.get('s', owner)).toBeDefined();
    expect(await second.jobs.claim('w')).toMatchObject({ job: { id: 'j' } });
    await second.close();
    await rm(folder, { recursive: true });
  });

  it('says that a server cannot be reached, without its URL', async () => {
    const location = { kind: 'postgres', url: 'postgres://u:hunter2@127.0.0.1:1/db', schema: 'x' } as const;
    const opening = openStore({ location, clock: createFakeWallClock(), timer: createFakeClock(), random: { fraction: () => 0, id: () => 'id' } });
    await expect(opening).rejects.toMatchObject({ name: 'StoreError', failure: 'unavailable', message: expect.not.stringContaining('hunter2') });
  });
});

describe('parseStoreLocation', () => {
  it.each([
    ['sqlite:/var/lib/sluice/state.db', { kind: 'sqlite', file: '/var/lib/sluice/state.db' }],
    ['sqlite::memory:', { kind: 'sqlite', file: ':memory:' }],
    ['postgres://u:p@db:5432/agents?sslmode=require', { kind: 'postgres', url: 'postgres://u:p@db:5432/agents?sslmode=require', schema: schemaOf(agent) }],
    ['postgresql://db/agents', { kind: 'postgres', url: 'postgresql://db/agents', schema: schemaOf(agent) }],
  ])('%s', (text, expected) => {
    expect(parseStoreLocation('SLUICE_STORE', text, agent)).toEqual(expected);
  });

  it.each([
    ['', 'is no URL'],
    ['sqlite:state.db', 'names no absolute path after "sqlite:"'],
    ['mysql://u:hunter2@db/x', 'names a kind of store that does not exist'],
    ['postgres:///agents', 'names no host'],
  ])('refuses "%s" without showing it', (text, problem) => {
    const found = parseStoreLocation('SLUICE_STORE', text, agent);
    expect(found).toMatchObject({ field: 'SLUICE_STORE', problem, fix: expect.stringContaining('sqlite:/var/lib/sluice/state.db') });
    expect(found).not.toHaveProperty('value');
  });

  it('gives each agent a schema of its own that Postgres takes', () => {
    const agents = [['a', 'b-c'], ['a-b', 'c'], ['n'.repeat(60), 'a'], ['n'.repeat(60), 'b']].map(([namespace = '', name = '']) => schemaOf({ namespace, name }));
    expect(new Set(agents).size).toBe(4);
    for (const schema of [...agents, schemaOf(agent)]) expect(schema).toMatch(/^sluice_[a-z0-9_]{1,43}_[0-9a-f]{12}$/);
  });
});
