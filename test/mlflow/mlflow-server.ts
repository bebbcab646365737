import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { systemClock } from '../../hack/src/progress/clock.ts';
import { createTerminalProgress } from '../../hack/src/progress/terminal-progress.ts';
import { ensureSystemPrograms, ensureTools } from '../../hack/src/tools/tools.ts';

/** A real MLflow tracking server on loopback. */
export interface TrackingServer {
  readonly url: string;
  /** What it answers to a call of its REST API. */
  ask(path: string, body?: object): Promise<unknown>;
  /** One of the files that it keeps. */
  file(path: string): Promise<string>;
  stop(): Promise<void>;
}

/** Milliseconds that it takes at most on a machine that does other things too; it imports half a thousand modules. */
const startLimitMs = 300_000;
const callLimitMs = 30_000;

export type ArtifactKeeping = 'ByTheServer' | 'Elsewhere';

/** Starts it with a database and artifacts of its own, which go with it. Throws when it does not serve in time. */
export async function startTrackingServer(keeping: ArtifactKeeping, signal: AbortSignal): Promise<TrackingServer> {
  const options = { progress: createTerminalProgress({ stream: process.stderr, clock: systemClock }), signal };
  const packages = (await ensureTools(['mlflow-packages'], options))['mlflow-packages'];
  const { python3 } = await ensureSystemPrograms(['python3'], options);
  const folder = await mkdtemp(join(tmpdir(), 'sluice-mlflow-'));
  const port = await freePort();
  const artifacts = keeping === 'ByTheServer' ? ['--serve-artifacts', '--artifacts-destination', join(folder, 'artifacts')] : ['--no-serve-artifacts', '--default-artifact-root', join(folder, 'artifacts')];
  const child = spawn(python3, ['-m', 'mlflow', 'server', '--host', '127.0.0.1', '--port', String(port), '--workers', '1', '--backend-store-uri', `sqlite:///${join(folder, 'runs.db')}`, ...artifacts], {
    cwd: folder,
    // Its bytecode goes elsewhere: a file that changes in the tool cache is a damaged tool.
    env: { PATH: process.env['PATH'], HOME: folder, PYTHONPATH: packages, PYTHONPYCACHEPREFIX: join(folder, 'bytecode'), MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false', MLFLOW_DISABLE_TELEMETRY: 'true', DO_NOT_TRACK: 'true' },
    stdio: 'ignore',
    // A group of its own: it starts a server that must end with it.
    detached: true,
  });
  const url = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    await endGroup(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await untilServing(url, child, signal);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop, ask: async (path, body) => await (await call(`${url}/api/2.0/mlflow/${path}`, body)).json(), file: async (path) => await (await call(`${url}/api/2.0/mlflow-artifacts/artifacts/${path}`)).text() };
}

async function call(url: string, body?: object): Promise<Response> {
  const signal = AbortSignal.timeout(callLimitMs);
  return await fetch(url, body === undefined ? { signal } : { signal, method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
}

async function untilServing(url: string, child: ChildProcess, signal: AbortSignal): Promise<void> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(startLimitMs)]);
  for (;;) {
    limit.throwIfAborted();
    if (child.exitCode !== null) throw new Error(`the MLflow server ended with code ${child.exitCode}`);
    const answer = await fetch(`${url}/health`, { signal: AbortSignal.any([limit, AbortSignal.timeout(callLimitMs)]) }).catch(() => undefined);
    if (answer?.ok === true) return;
    await wait(250, undefined, { signal: limit });
  }
}

async function endGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  process.kill(-child.pid, 'SIGKILL');
  await ended;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
