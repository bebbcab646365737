import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { runCommand } from '../../../hack/src/process/command.ts';
import type { Clock } from '../../../hack/src/progress/clock.ts';
import { ensureTools, type ToolsOptions } from '../../../hack/src/tools/tools.ts';
import { goVersions } from './programs.ts';

/** What the figures were measured on and with: a name and a text each. */
export type Environment = Readonly<Record<string, string>>;

export interface EnvironmentOptions extends ToolsOptions {
  readonly goProgram: string;
  readonly clock: Clock;
  readonly controlPlane: 'used' | 'not used';
}

const VERSION_TIMEOUT_MS = 20_000;
const NOT_USED = 'not used';

/** Throws ToolError or CommandError when a version cannot be asked for. */
export async function describeEnvironment(options: EnvironmentOptions): Promise<Environment> {
  const processors = cpus();
  const built = await goVersions(options.goProgram, options.signal);
  return {
    date: new Intl.DateTimeFormat('en-CA', { timeZone: 'UTC' }).format(options.clock.wallMs()),
    processor: `${processors[0]?.model ?? 'unknown'}, ${processors.length} cores`,
    memory: `${(totalmem() / 2 ** 30).toFixed(1)} GiB`,
    kernel: `${process.platform} ${release()}`,
    'load before (1, 5, 15 min)': loadavg().map((load) => load.toFixed(2)).join(', '),
    node: process.version,
    undici: await packageVersion('undici'),
    '@kubernetes/client-node': await packageVersion('@kubernetes/client-node'),
    '@dot-i/k8s-operator': await packageVersion('@dot-i/k8s-operator'),
    'client-go': built.clientGo,
    go: built.go,
    ...(await serverVersions(options)),
  };
}

async function serverVersions(options: EnvironmentOptions): Promise<Environment> {
  if (options.controlPlane === 'not used') return { 'kube-apiserver': NOT_USED, etcd: NOT_USED };
  const tools = await ensureTools(['etcd', 'kube-apiserver'], options);
  const ask = async (program: string): Promise<string> => runCommand(program, ['--version'], { signal: options.signal, timeoutMs: VERSION_TIMEOUT_MS });
  return { 'kube-apiserver': lastWord(await ask(tools['kube-apiserver'])), etcd: lastWord(await ask(tools.etcd)) };
}

/** `Kubernetes v1.2.3` and `etcd Version: 1.2.3`: the first line's last word. */
function lastWord(output: string): string {
  return output.split('\n')[0]?.trim().split(' ').at(-1) ?? '';
}

/** From the manifest's text: packages need not export it. */
async function packageVersion(name: string): Promise<string> {
  for (const folder of createRequire(import.meta.url).resolve.paths(name) ?? []) {
    const manifest = await readFile(`${folder}/${name}/package.json`, 'utf8').catch(() => undefined);
    if (manifest === undefined) continue;
    const value: unknown = JSON.parse(manifest);
    if (typeof value === 'object' && value !== null && 'version' in value) return String(value.version);
  }
  return 'not installed';
}
