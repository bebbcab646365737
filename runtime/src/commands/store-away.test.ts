import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { bundleFixture } from '../testing/bundle-fixture.ts';
import { freePort } from '../testing/loopback-server.ts';
import { jsonFile, startRuntime, type RuntimeProcess } from '../testing/runtime-process.ts';
import { startWait } from '../testing/started-runtime.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

interface Started extends RuntimeProcess {
  readonly url: string;
}

async function start(command: 'serve' | 'worker', storePort: number, storeHost = '127.0.0.1'): Promise<Started> {
  const port = await freePort();
  const runtime = startRuntime([command], { SLUICE_BUNDLE_FILE: jsonFile(bundleFixture()), SLUICE_HOST: '127.0.0.1', SLUICE_PORT: String(port), SLUICE_MIRROR_PORT: '0', SLUICE_PROVIDER_API_KEY: 'sk-test', SLUICE_ANONYMOUS_ACCESS: 'Allowed', SLUICE_STORE: `postgres://u:very-secret@${storeHost}:${storePort}/db` });
  return { ...runtime, url: `http://127.0.0.1:${port}` };
}

const told = async (url: string): Promise<unknown> => await fetch(url).then(async (response) => [response.status, await response.json()], () => 'nobody');

/** Answers whoever logs in that the password is wrong. */
async function refusingServer(): Promise<number> {
  const text = Buffer.from('SFATAL\0VFATAL\0C28P01\0Mpassword authentication failed\0\0');
  const length = Buffer.alloc(4);
  length.writeInt32BE(text.length + 4);
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(Buffer.concat([Buffer.from('E'), length, text])));
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

describe('a process whose Postgres is away when it starts', { timeout: 240_000 }, () => {
  it.each(['serve', 'worker'] as const)('lives and is not ready, says so once, and ends with 0 when it is told to (%s)', async (command) => {
    const started = await start(command, await freePort());
    await expect.poll(() => told(`${started.url}/readyz`), startWait).toEqual([503, { status: 'not_ready', reasons: ['store_unavailable'], detail: expect.stringContaining('nobody takes connections where Postgres is looked for') }]);
    expect(await told(`${started.url}/healthz`)).toEqual([200, { status: 'ok' }]);
    // More than one try.
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect(started.stdout().match(/the store \(SLUICE_STORE\) is away/g)).toHaveLength(1);
    started.signal('SIGTERM');
    expect(await started.exited).toBe(0);
    expect(started.stdout() + started.stderr()).not.toContain('very-secret');
  });

  it('says which name it is that does not resolve, in the log and to who asks whether it is ready', async () => {
    const started = await start('serve', 5432, 'nobody.invalid');
    await expect.poll(() => told(`${started.url}/readyz`), startWait).toEqual([503, { status: 'not_ready', reasons: ['store_unavailable'], detail: expect.stringContaining('the host name "nobody.invalid" of Postgres') }]);
    expect(started.stdout()).toContain(String.raw`the host name \"nobody.invalid\" of Postgres`);
    started.signal('SIGTERM');
    expect(await started.exited).toBe(0);
    expect(started.stdout() + started.stderr()).not.toContain('very-secret');
  });

  it('ends at once where the login is refused: no time mends a wrong password', async () => {
    const started = await start('serve', await refusingServer());
    expect(await started.exited).toBe(1);
    expect(started.stderr()).toContain('SLUICE_STORE cannot be opened: Postgres refused the login');
    expect(started.stdout() + started.stderr()).not.toContain('very-secret');
  });
});
