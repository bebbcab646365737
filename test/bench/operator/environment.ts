import { cpus, loadavg, release, totalmem } from 'node:os';
import { runCommand } from '../../../hack/src/process/command.ts';
import { ensureTools } from '../../../hack/src/tools/tools.ts';
import { ARGO_ROLLOUTS, KWOK, type ModuleOptions } from './go-modules.ts';

const VERSION_TIMEOUT_MS = 20_000;

/** What the figures were measured on and with. Throws ToolError or CommandError when a version cannot be asked for. */
export async function describeEnvironment({ controllerFlags = [], ...options }: ModuleOptions & { readonly controllerFlags?: readonly string[] }): Promise<Readonly<Record<string, string>>> {
  const processors = cpus();
  const tools = await ensureTools(['etcd', 'kube-apiserver'], options);
  const ask = async (program: string): Promise<string> => lastWord(await runCommand(program, ['--version'], { signal: options.signal, timeoutMs: VERSION_TIMEOUT_MS }));
  return {
    date: new Intl.DateTimeFormat('en-CA', { timeZone: 'UTC' }).format(options.clock.wallMs()),
    processor: `${processors[0]?.model ?? 'unknown'}, ${processors.length} cores, shared by everything`,
    memory: `${(totalmem() / 2 ** 30).toFixed(1)} GiB`,
    kernel: `${process.platform} ${release()}`,
    'load before (1, 5, 15 min)': loadavg().map((load) => load.toFixed(2)).join(', '),
    node: process.version,
    'kube-apiserver': await ask(tools['kube-apiserver']),
    etcd: await ask(tools.etcd),
    ...(controllerFlags.length === 0 ? {} : { 'kube-controller-manager with': controllerFlags.join(' ') }),
    ...(process.env['GOGC'] === undefined ? {} : { 'GOGC of the control plane': process.env['GOGC'] }),
    kwok: KWOK.version,
    'Argo Rollouts': ARGO_ROLLOUTS.version,
  };
}

function lastWord(output: string): string {
  return output.split('\n')[0]?.trim().split(' ').at(-1) ?? '';
}
