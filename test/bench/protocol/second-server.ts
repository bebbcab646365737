import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import type { ControlPlane } from '../../../hack/src/cluster/cluster.ts';
import { openRig, pause } from './rig.ts';
import { freePorts } from '../../../hack/src/cluster/free-ports.ts';

export interface SecondServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** Another API server on the same etcd and certificates that ends about one h2 connection in 50 requests: 0.02 is the most it allows. */
export async function startGoAwayServer(plane: ControlPlane): Promise<SecondServer> {
  const [program = '', ...flags] = commandOf(new URL(plane.url).port);
  const [port = 0] = await freePorts(1);
  const child = spawn(program, [...flags.map((flag) => (flag.startsWith('--secure-port=') ? `--secure-port=${port}` : flag)), '--goaway-chance=0.02'], { stdio: 'ignore' });
  const rig = openRig(plane.kubeconfig, 'http1', port);
  try {
    for (let tries = 0; ; tries++) {
      const ready = await rig.client.rawText('/readyz', { signal: new AbortController().signal, deadlineMs: 2_000 }).catch(() => '');
      if (ready === 'ok') break;
      if (tries > 120) throw new Error('the second API server did not become ready within a minute');
      await pause(500);
    }
  } catch (error) {
    await end(child);
    throw error;
  } finally {
    await rig.close();
  }
  return { port, stop: () => end(child) };
}

/** The command line of the API server that listens on `port`. */
function commandOf(port: string): string[] {
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const command = readCommand(entry);
    if (command[0]?.endsWith('kube-apiserver') && command.includes(`--secure-port=${port}`)) return command;
  }
  throw new Error(`no kube-apiserver listens on port ${port}`);
}

function readCommand(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter((part) => part !== '');
  } catch {
    // The process ended between the listing and the reading.
    return [];
  }
}

async function end(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => { child.once('exit', resolve); });
  child.kill('SIGKILL');
  await ended;
}
