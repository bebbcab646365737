import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { systemClock } from '../progress/clock.ts';
import { createTerminalProgress } from '../progress/terminal-progress.ts';
import { ToolError } from '../tools/tools.ts';
import { ClusterError, type ClusterOptions, ensureCluster, removeCluster, startControlPlane } from './cluster.ts';
import { clusterStatus } from './status.ts';

const USAGE = `usage: node hack/src/cluster/main.ts VERB [--name NAME] [--state FOLDER] [--context CONTEXT]

  up             start the cluster or what of it does not run, and print its kubeconfig
  down           remove it with its state folder
  status         print which of its programs run
  control-plane  run etcd, the API server and the controllers until Ctrl-C

  --name NAME        name of the cluster (default: sluice)
  --state FOLDER     folder that holds everything of it (default: .cluster/NAME in the clone)
  --context CONTEXT  with up: use this kubectl context and make no cluster
`;

const USAGE_EXIT_CODE = 2;
const CLONE = fileURLToPath(new URL('../../..', import.meta.url));

async function main(args: readonly string[]): Promise<number> {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { name: { type: 'string', default: 'sluice' }, state: { type: 'string' }, context: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort(new ClusterError(`stopped by ${signal}`)));
  const options: ClusterOptions = {
    name: values.name,
    stateFolder: resolve(values.state ?? `${CLONE}/.cluster/${values.name}`),
    progress: createTerminalProgress({ stream: process.stderr, clock: systemClock }),
    signal: stop.signal,
  };
  const verb = values.help === true ? 'help' : positionals[0];
  switch (verb) {
    case 'up': {
      const cluster = await ensureCluster({ ...options, ...(values.context === undefined ? {} : { context: values.context }) });
      console.log(`export KUBECONFIG=${cluster.kubeconfig}`);
      return 0;
    }
    case 'down':
      await removeCluster(options);
      return 0;
    case 'status':
      console.log(await clusterStatus(options.stateFolder));
      return 0;
    case 'control-plane':
      await holdControlPlane(options);
      return 0;
    case 'help':
      console.log(USAGE);
      return 0;
    default:
      console.error(USAGE);
      return USAGE_EXIT_CODE;
  }
}

async function holdControlPlane(options: ClusterOptions): Promise<void> {
  const controlPlane = await startControlPlane(options);
  console.log(`export KUBECONFIG=${controlPlane.kubeconfig}`);
  const alive = setInterval(() => undefined, 60_000);
  await new Promise<void>((resolved) => options.signal.addEventListener('abort', () => resolved(), { once: true }));
  clearInterval(alive);
  await controlPlane.stop();
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const known = error instanceof ClusterError || error instanceof ToolError || (error instanceof TypeError && 'code' in error);
  console.error(known ? error.message : error);
  process.exitCode = 1;
}
