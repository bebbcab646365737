import { createConnection } from 'node:net';
import { freePorts } from '../../hack/src/cluster/free-ports.ts';
import { systemClock } from '../../hack/src/progress/clock.ts';
import { createTerminalProgress } from '../../hack/src/progress/terminal-progress.ts';
import { ensureTools } from '../../hack/src/tools/tools.ts';
import { startServer, type TestServer } from './server-process.ts';

/** Whether it answers a PING. */
async function answers(port: number): Promise<boolean> {
  return new Promise<boolean>((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port, timeout: 2_000 });
    const end = (result: boolean): void => {
      socket.destroy();
      resolve(result);
    };
    socket.once('connect', () => socket.write('PING\r\n'));
    socket.once('data', (data) => end(data.toString().startsWith('+PONG')));
    for (const event of ['error', 'timeout', 'close']) socket.once(event, () => end(false));
  });
}

/** A real server that speaks the protocol of Redis, on loopback, in memory alone. */
export async function startValkey(signal: AbortSignal): Promise<TestServer> {
  const { 'valkey-server': program } = await ensureTools(['valkey-server'], { progress: createTerminalProgress({ stream: process.stderr, clock: systemClock }), signal });
  const [port = 0] = await freePorts(1);
  return startServer(async (folder) => {
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder, '--maxmemory', '64mb'];
    return { url: `redis://127.0.0.1:${port}/0`, check: () => answers(port), component: { name: 'valkey', program, args } };
  }, signal);
}
