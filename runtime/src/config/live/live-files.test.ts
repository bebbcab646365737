import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { openLiveConfig, type LiveConfig } from '../../commands/live-config.ts';
import { createFakeClock, type FakeClock } from '../../platform/clock-fake.ts';
import { openAccess } from '../../server/access/open-access.ts';
import { createLogger } from '../../telemetry/logger.ts';
import type { ProviderKey } from '../provider-key.ts';
import { flagNames, flagTable, layeredFlags } from './flag-table.ts';

/** A folder as Kubernetes mounts one: files are links below `..data`, which is swapped at once. */
function mount(content: string): { readonly path: string; readonly swap: (next: string) => void; readonly folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-mount-'));
  let generation = 0;
  const swap = (next: string): void => {
    generation += 1;
    const name = `..generation-${generation}`;
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'flags.json'), next);
    symlinkSync(name, join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
    if (generation > 1) rmSync(join(folder, `..generation-${generation - 1}`), { recursive: true });
  };
  swap(content);
  symlinkSync('..data/flags.json', join(folder, 'flags.json'));
  return { path: join(folder, 'flags.json'), swap, folder };
}

interface Rig {
  readonly live: LiveConfig;
  readonly clock: FakeClock;
  /** Lets the files be looked at. */
  readonly look: () => Promise<void>;
  readonly logs: () => readonly Record<string, unknown>[];
  readonly metrics: () => Promise<string>;
  readonly answers: (tenant?: string) => boolean | undefined;
}

const opened: LiveConfig[] = [];
afterEach(async () => {
  for (const live of opened.splice(0)) await live.close();
});

function start(path: string, keys: readonly ProviderKey[] = []): Rig {
  const [clock, registry, lines] = [createFakeClock(), new Registry(), [] as string[]];
  const logger = createLogger({ level: 'info', revision: 'r1', secrets: () => [], destination: { write: (line) => lines.push(line) } });
  const live = openLiveConfig({ environment: { SLUICE_FLAGS_FILE: path }, access: openAccess, keys, logger, logLevel: 'info', registry, clock });
  opened.push(live);
  return {
    live,
    clock,
    look: async () => {
      clock.advance(5_000);
      await new Promise(setImmediate);
    },
    logs: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
    metrics: () => registry.metrics(),
    answers: (tenant = 'anybody') => live.access.tenant(tenant).flags['answers'],
  };
}

describe('a file of flags', () => {
  it('is taken up when Kubernetes swaps it, and what was there before is gone', async () => {
    const mounted = mount('{"flags": {"answers": false}, "tenants": {"shop": {"flags": {"answers": true}, "requestsPerMinute": 5}}}');
    const rig = start(mounted.path);
    expect([rig.answers(), rig.answers('shop'), rig.live.access.tenant('shop').requests]).toEqual([false, true, { burst: 5, windowMs: 60_000 }]);
    mounted.swap('{"flags": {}}');
    expect(rig.answers()).toBe(false);
    await rig.look();
    expect([rig.answers(), rig.live.access.tenant('shop').requests]).toEqual([true, undefined]);
    expect(await rig.metrics()).toContain('sluice_config_reloads_total{file="flags",result="changed"} 1');
    expect(rig.logs()).toEqual([expect.objectContaining({ level: 'info', file: 'flags', msg: 'a changed file of the configuration is in force' })]);
  });

  it.each([
    ['half written', '{"flags": {"answ'],
    ['empty', ''],
    ['of another shape', '{"flags": {"answers": "no"}}'],
    ['with a flag that nobody knows', '{"flags": {"anwsers": false}}'],
    ['no object', 'null'],
  ])('that is %s keeps the last good one, and says so once', async (_name, bad) => {
    const mounted = mount('{"flags": {"answers": false}}');
    const rig = start(mounted.path);
    writeFileSync(mounted.path, bad);
    for (let looks = 0; looks < 3; looks += 1) await rig.look();
    expect(rig.answers()).toBe(false);
    expect(await rig.metrics()).toMatch(/last_reload_successful\{file="flags"\} 0[^]*result="invalid"\} 3/);
    expect(rig.logs()).toEqual([expect.objectContaining({ level: 'error', file: 'flags', problem: expect.stringContaining('SLUICE_FLAGS_FILE') })]);
    mounted.swap('{"flags": {"answers": false}}');
    await rig.look();
    expect(await rig.metrics()).toContain('sluice_config_last_reload_successful{file="flags"} 1');
    expect(rig.logs().at(-1)).toMatchObject({ level: 'info', file: 'flags' });
  });

  it('that goes away changes nothing', async () => {
    const mounted = mount('{"flags": {"writes": false}}');
    const rig = start(mounted.path);
    rmSync(mounted.folder, { recursive: true });
    await rig.look();
    expect(rig.live.access.tenant('x').flags).toMatchObject({ writes: false, answers: true });
  });

  it('sets the level of the log', async () => {
    const mounted = mount('{"logLevel": "error"}');
    const rig = start(mounted.path);
    mounted.swap('{"logLevel": "debug"}');
    await rig.look();
    expect(rig.logs()).toHaveLength(1);
  });

  it('must be usable at the start', () => {
    const mounted = mount('{"flags": {"nothing": true}}');
    expect(() => start(mounted.path)).toThrow('SLUICE_FLAGS_FILE');
  });
});

describe('keys', () => {
  it('that were rotated are taken up without being refused first; one that cannot be used is told of without its text', async () => {
    const results = ['changed', 'unusable'] as const;
    let looks = 0;
    const key: ProviderKey = { current: () => 'sk-1', reload: () => results[looks++] ?? 'same', secrets: () => [] };
    const rig = start(mount('{}').path, [key]);
    await rig.look();
    expect(await rig.metrics()).toContain('sluice_config_reloads_total{file="provider_key",result="changed"} 1');
    await rig.look();
    expect(await rig.metrics()).toContain('sluice_config_last_reload_successful{file="provider_key"} 0');
    await rig.look();
    expect(await rig.metrics()).toContain('sluice_config_last_reload_successful{file="provider_key"} 1');
    expect(JSON.stringify(rig.logs())).not.toContain('sk-1');
  });
});

describe('layers of flags', () => {
  it('go from the weakest to the strongest, by default as the revision was judged', () => {
    for (const name of flagNames) {
      expect(layeredFlags()[name]).toBe(flagTable[name].default);
      expect(layeredFlags({ [name]: false }, undefined, {})[name]).toBe(false);
      expect(layeredFlags({ [name]: false }, { [name]: true })[name]).toBe(true);
    }
  });
});
