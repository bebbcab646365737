import { dirname } from 'node:path';
import { type Clock, systemClock } from '../progress/clock.ts';
import type { Progress } from '../progress/progress.ts';
import { ensureSystemPrograms, ensureTools } from '../tools/tools.ts';
import { ClusterError } from './cluster-error.ts';
import type { ClusterOptions } from './cluster-options.ts';
import type { Machine } from './machine.ts';
import { NODE_TOOLS, type NodeTool } from './node-components.ts';
import { type StatePaths, statePaths } from './state-paths.ts';

/** What the work on one local node needs, whichever slot it has. */
export interface NodeContext {
  readonly name: string;
  readonly paths: StatePaths;
  readonly machine: Machine;
  readonly progress: Progress;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** What starting one needs beside that. */
export interface StartContext extends NodeContext {
  readonly tools: Readonly<Record<NodeTool, string>>;
  readonly openssl: string;
  readonly runc: string;
  readonly cniPlugins: string;
  /** PATH for the components. */
  readonly path: string;
}

const MACHINE_PROGRAMS = ['ip', 'nft', 'nsenter', 'unshare', 'sysctl'] as const;
const NODE_PROGRAMS = ['host-local', 'conntrack', 'iptables', 'mount', 'openssl', 'runc', 'socat'] as const;

/** Throws ClusterError or ToolError when the machine cannot hold a local node. */
export async function nodeContext(options: ClusterOptions): Promise<NodeContext> {
  if (process.platform !== 'linux') throw new ClusterError(`a local node needs Linux and this is ${process.platform}: start Docker, or give --context`);
  if (process.getuid?.() !== 0) throw new ClusterError('a local node needs root: run as root, start Docker, or give --context');
  const programs = await ensureSystemPrograms(MACHINE_PROGRAMS, options);
  return {
    name: options.name,
    paths: statePaths(options.stateFolder),
    machine: { signal: options.signal, programs },
    progress: options.progress,
    clock: systemClock,
    signal: options.signal,
  };
}

export async function startContext(options: ClusterOptions): Promise<StartContext> {
  const context = await nodeContext(options);
  const system = await ensureSystemPrograms([...MACHINE_PROGRAMS, ...NODE_PROGRAMS], options);
  const tools = await ensureTools(NODE_TOOLS, options);
  const folders = new Set(Object.values(system).map((path) => dirname(path)));
  return {
    ...context,
    tools,
    openssl: system.openssl,
    runc: system.runc,
    cniPlugins: dirname(system['host-local']),
    path: [...folders, '/usr/sbin', '/usr/bin', '/sbin', '/bin'].join(':'),
  };
}
