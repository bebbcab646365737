import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../progress/clock.ts';
import { isRunning, type ProcessIdentity, signalProcess } from '../process/identity.ts';
import { type Component, componentDigest, ensureComponent, findComponent, logPath, startComponent, stopComponent } from './component.ts';
import { waitUntilReady } from './readiness.ts';
import { statePaths } from './state-paths.ts';

const sleeper: Component = { name: 'sleeper', program: process.execPath, args: ['-e', 'console.log("started"); setInterval(() => {}, 1000)'] };

describe('component', () => {
  let root = '';
  const { signal } = new AbortController();
  const started: ProcessIdentity[] = [];
  const stopOptions = { clock: systemClock, signal, graceMs: 5_000 };
  const start = async (component: Component): Promise<ProcessIdentity> => {
    const identity = await startComponent(component, statePaths(root));
    started.push(identity);
    return identity;
  };

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'sluice-component-'));
  });

  afterEach(async () => {
    await Promise.all(started.splice(0).map((identity) => signalProcess(identity, 'SIGKILL')));
    await rm(root, { recursive: true, force: true });
  });

  it('is found again while it runs, and stopped', async () => {
    const paths = statePaths(root);
    const identity = await start(sleeper);
    expect(await findComponent('sleeper', paths)).toMatchObject(identity);
    await stopComponent('sleeper', paths, stopOptions);
    expect(await isRunning(identity)).toBe(false);
    expect(await readdir(paths.processes)).toEqual([]);
  });

  it('is kept when it runs as defined, and started anew when the definition has changed', async () => {
    const paths = statePaths(root);
    const first = await start(sleeper);
    expect(await ensureComponent(sleeper, paths, systemClock, signal)).toBe('kept');
    const changed = { ...sleeper, inputs: ['another configuration'] };
    expect(await ensureComponent(changed, paths, systemClock, signal)).toBe('started');
    const second = await findComponent('sleeper', paths);
    started.push(second!);
    expect(second!.pid).not.toBe(first.pid);
    expect(await isRunning(first)).toBe(false);
  });

  it('leaves a process alone that only has the recorded pid', async () => {
    const paths = statePaths(root);
    const identity = await start(sleeper);
    const record = join(paths.processes, 'sleeper.json');
    await writeFile(record, JSON.stringify({ pid: identity.pid, start: 'an earlier start', digest: '' }));
    await stopComponent('sleeper', paths, stopOptions);
    expect(await isRunning(identity)).toBe(true);
  });

  it('has a digest of all it is started with but the wrapper', () => {
    const digest = componentDigest(sleeper);
    expect(componentDigest({ ...sleeper, wrapper: ['nsenter'] })).toBe(digest);
    expect(componentDigest({ ...sleeper, args: [] })).not.toBe(digest);
    expect(componentDigest({ ...sleeper, env: { A: '1' } })).not.toBe(digest);
  });

  it('that ends is reported with the end of its log', async () => {
    const paths = statePaths(root);
    await start({ name: 'failing', program: process.execPath, args: ['-e', 'setTimeout(() => { console.error("no such port"); process.exit(3) }, 100)'] });
    const waiting = waitUntilReady(
      { what: 'the thing', components: ['failing'], timeoutMs: 60_000, check: async () => 'not yet' },
      { folders: paths, clock: systemClock, signal },
    );
    await expect(waiting).rejects.toThrow(/the thing: failing ended\. End of .*failing\.log:\n {2}no such port/);
    expect(await readFile(logPath(paths, 'failing'), 'utf8')).toContain('no such port');
  });

  it('that never gets ready is reported with the last reason', async () => {
    const paths = statePaths(root);
    await start(sleeper);
    const waiting = waitUntilReady({ what: 'it', components: ['sleeper'], timeoutMs: 0, check: async () => 'still loading' }, { folders: paths, clock: systemClock, signal });
    await expect(waiting).rejects.toThrow('it was not ready within 0 s: still loading');
  });

  it('that cannot be started says so', async () => {
    const absent = { name: 'absent', program: '/no/such/program', args: [] };
    await expect(startComponent(absent, statePaths(root))).rejects.toThrow('absent could not be started');
  });
});
