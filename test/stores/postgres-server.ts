import { join } from 'node:path';
import { Client } from 'pg';
import { freePorts } from '../../hack/src/cluster/free-ports.ts';
import { runCommand } from '../../hack/src/process/command.ts';
import { systemClock } from '../../hack/src/progress/clock.ts';
import { createTerminalProgress } from '../../hack/src/progress/terminal-progress.ts';
import { ensureSystemPrograms, ensureTools } from '../../hack/src/tools/tools.ts';
import { startServer, type TestServer } from './server-process.ts';

const INITDB_TIMEOUT_MS = 60_000;
const user = 'sluice';

/** Postgres does not run as root: in a user namespace without any rights its owner is nobody, whoever that is outside. */
async function withoutRoot(options: Parameters<typeof ensureSystemPrograms>[1]): Promise<readonly string[]> {
  if (process.getuid?.() !== 0) return [];
  const { unshare } = await ensureSystemPrograms(['unshare'], options);
  return [unshare, '--user'];
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** A real Postgres on loopback. Its data lives as long as it does, so it does not wait for the disk. */
export async function startPostgres(signal: AbortSignal): Promise<TestServer> {
  const options = { progress: createTerminalProgress({ stream: process.stderr, clock: systemClock }), signal };
  const tools = await ensureTools(['postgres-package'], options);
  const programs = join(tools['postgres-package'], 'embedded_postgres', 'pginstall', 'bin');
  const wrapper = await withoutRoot(options);
  const [port = 0] = await freePorts(1);
  const url = `postgres://${user}@127.0.0.1:${port}/postgres`;
  return startServer(async (folder) => {
    const data = join(folder, 'data');
    const [program, ...args] = [...wrapper, join(programs, 'initdb'), '-D', data, '-U', user, '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'];
    await runCommand(program, args, { signal, timeoutMs: INITDB_TIMEOUT_MS });
    const settings = { listen_addresses: '127.0.0.1', port, unix_socket_directories: '', fsync: 'off', shared_buffers: '32MB', max_connections: 60, log_min_messages: 'warning' };
    return {
      url,
      check: () => answers(url),
      component: { name: 'postgres', program: join(programs, 'postgres'), args: ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])], wrapper },
    };
  }, signal);
}
