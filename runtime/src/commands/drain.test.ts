import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { bundleFixture } from '../testing/bundle-fixture.ts';
import { startLoopbackServer, type LoopbackServer, type Respond } from '../testing/loopback-server.ts';
import { jsonFile } from '../testing/runtime-process.ts';
import { startedRuntime, startWait, type StartedRuntime } from '../testing/started-runtime.ts';
import { anthropicWire } from '../testing/wire-formats.ts';

const servers: LoopbackServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

const body = JSON.stringify({ input: { text: 'How long?' } });
const headers = { 'content-type': 'application/json' };

interface Scene {
  readonly model: LoopbackServer;
  readonly file: string;
  readonly start: (command: 'serve' | 'worker') => Promise<StartedRuntime>;
}

async function scene(...responders: Respond[]): Promise<Scene> {
  const model = await startLoopbackServer(...responders);
  servers.push(model);
  const base = bundleFixture();
  const bundle = jsonFile({ ...base, model: { ...base.model, provider: { kind: 'Anthropic', endpoint: model.url } } });
  const file = join(mkdtempSync(join(tmpdir(), 'sluice-drain-')), 'state.db');
  return { model, file, start: (command) => startedRuntime(command, { SLUICE_BUNDLE_FILE: bundle, SLUICE_STORE: `sqlite:${file}`, SLUICE_DRAIN_TIMEOUT: '5s' }) };
}

describe('a process that is told to stop', { timeout: 180_000 }, () => {
  it('is out of the pool at once, hands the job that it cannot finish over, closes its store and exits with 0', async () => {
    const silence: Respond = () => {};
    const { model, file, start } = await scene(silence, anthropicWire.whole({ text: 'Thirty days.' }));
    const leaving = await start('serve');
    const { id } = (await (await fetch(`${leaving.url}/v1/jobs`, { method: 'POST', headers, body })).json()) as { id: string };
    await expect.poll(() => model.exchanges.length, startWait).toBe(1);
    leaving.signal('SIGTERM');
    await expect.poll(leaving.stdout, startWait).toContain('"msg":"draining"');
    // A slow machine may look when nobody listens any more.
    expect(['not_ready', 'gone']).toContain(await fetch(`${leaving.url}/readyz`).then(async (response) => ((await response.json()) as { status: string }).status, () => 'gone'));
    expect(await leaving.exited).toBe(0);
    expect(leaving.stdout()).toMatch(/"msg":"draining"[\s\S]*"outcome":"handed-over"[\s\S]*"outcome":"finished"[^\n]*"requests_cut":0[^\n]*"jobs_handed_over":1[^\n]*"msg":"stopped"/);
    expect(existsSync(`${file}-wal`)).toBe(false);
    const other = await start('worker');
    const job = async (): Promise<unknown> => await (await fetch(`${other.url}/v1/jobs/${id}`)).json();
    await expect.poll(job, startWait).toMatchObject({ state: 'succeeded', attempts: 1, result: { answer: 'Thirty days.' } });
    const events = await (await fetch(`${other.url}/v1/jobs/${id}/events`)).text();
    expect([...events.matchAll(/^event: (.+)$/gm)].map(([, type]) => type)).toEqual(expect.arrayContaining(['queued', 'started', 'handed_over', 'succeeded']));
    other.signal('SIGTERM');
    expect(await other.exited).toBe(0);
  });

  it('tells whom it cuts at its deadline, counts them in the log and exits with 0; a second signal ends it at once, with 1', async () => {
    const silence: Respond = () => {};
    const { model, start } = await scene(silence);
    for (const [signals, code] of [[['SIGTERM'], 0], [['SIGTERM', 'SIGTERM'], 1]] as const) {
      const asked = model.exchanges.length;
      const leaving = await start('serve');
      const answer = fetch(`${leaving.url}/v1/invoke`, { method: 'POST', headers, body }).then(async (response) => [response.status, await response.json()] as const, () => 'cut' as const);
      await expect.poll(() => model.exchanges.length, startWait).toBe(asked + 1);
      for (const signal of signals) {
        leaving.signal(signal);
        await expect.poll(leaving.stdout, startWait).toContain('"msg":"draining"');
      }
      expect(await leaving.exited).toBe(code);
      expect(await answer).toEqual(code === 0 ? [503, expect.objectContaining({ type: 'urn:sluice:problem:shutting-down' })] : 'cut');
      expect(/"outcome":"cut","requests_in_flight":1,"requests_cut":1[^\n]*"msg":"stopped"/.test(leaving.stdout())).toBe(code === 0);
    }
  });
});
