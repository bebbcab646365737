import { createServer } from 'node:net';
import { randomNumber } from '../process/random.ts';
import { ClusterError } from './cluster-error.ts';

/** `first-last`: where this process and its children look for ports; processes with windows of their own never find the same port free. */
export const PORT_WINDOW = 'SLUICE_TEST_PORTS';

/** Below those that the system gives away by itself, to outgoing connections for one: none of these is taken between the look and the use. */
const DEFAULT_WINDOW: PortWindow = { first: 15_000, last: 28_999 };
const TRIES = 1_000;

interface PortWindow {
  readonly first: number;
  readonly last: number;
}

/** Ports of 127.0.0.1 that are free now, all different. Throws ClusterError. */
export async function freePorts(count: number, env: Readonly<Record<string, string | undefined>> = process.env): Promise<readonly number[]> {
  const { first, last } = portWindow(env);
  const ports = new Set<number>();
  for (let tried = 0; ports.size < count; tried += 1) {
    if (tried === TRIES) throw new ClusterError(`no ${count} free ports of 127.0.0.1 among ${first} to ${last}: name another range in ${PORT_WINDOW}, as in 15000-28999`);
    const port = randomNumber(first, last);
    if (!ports.has(port) && (await isFree(port))) ports.add(port);
  }
  return [...ports];
}

function portWindow(env: Readonly<Record<string, string | undefined>>): PortWindow {
  const text = env[PORT_WINDOW] ?? '';
  if (text === '') return DEFAULT_WINDOW;
  const [first = 0, last = 0] = (/^(\d+)-(\d+)$/.exec(text) ?? []).slice(1).map(Number);
  if (first < 1 || last < first || last > 65_535) throw new ClusterError(`${PORT_WINDOW} is "${text}": write two ports, the lower first, as in 15000-28999`);
  return { first, last };
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
