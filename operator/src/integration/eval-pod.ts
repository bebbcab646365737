import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { configMaps, type KubeClient, type Pod, type PodStatus, secrets } from '@sluice/kube';
import { call } from './test-cluster.ts';

const program = fileURLToPath(new URL('../../../runtime/src/main.ts', import.meta.url));

interface Item {
  readonly key: string;
  readonly path: string;
}

/** The sources of a volume that eval pods have. */
interface Source {
  readonly configMap?: { readonly name: string; readonly items?: readonly Item[] };
  readonly secret?: { readonly secretName: string; readonly items?: readonly Item[] };
  readonly projected?: { readonly sources: readonly Source[] };
}

/** The pod of an evaluation with the real runtime in it: a process with the files and the environment that the pod says, and no more. */
export class EvalPod {
  /** Statuses that a kubelet would report from now on. */
  readonly statuses: PodStatus[];
  readonly name: string;
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly #done: Promise<void>;
  #log = '';

  private constructor(parts: { readonly name: string; readonly process: ChildProcess; readonly folder: string; readonly begun: PodStatus; readonly ended: EndedStatus }) {
    this.name = parts.name;
    this.#process = parts.process;
    this.#folder = parts.folder;
    this.statuses = [parts.begun];
    for (const stream of [parts.process.stdout, parts.process.stderr]) stream?.on('data', (chunk: Buffer) => (this.#log += chunk.toString('utf8')));
    this.#done = this.#follow(parts.ended);
  }

  async #follow(ended: EndedStatus): Promise<void> {
    const [code] = (await once(this.#process, 'close')) as [number | null];
    const report = await readFile(join(this.#folder, reportName), 'utf8').catch(() => '');
    this.statuses.push(ended(code ?? killed, report === '' ? this.#log.slice(-2_048) : report));
  }

  /** Started at its own address, with what its ConfigMaps and Secrets hold now. */
  static async start(pod: Pod, options: { readonly ip: string; readonly client: KubeClient; readonly begun: PodStatus; readonly ended: EndedStatus }): Promise<EvalPod> {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-eval-pod-'));
    const env = await mounted(pod, folder, options.client);
    const process = spawn(globalThis.process.execPath, [program, 'eval'], { env: { ...env, SLUICE_HOST: options.ip, SLUICE_EVAL_REPORT_FILE: join(folder, reportName) }, stdio: ['ignore', 'pipe', 'pipe'] });
    return new EvalPod({ name: pod.metadata.name, process, folder, begun: options.begun, ended: options.ended });
  }

  /** What `kubectl logs` would show. */
  get log(): string {
    return this.#log;
  }

  /** As a node does that runs out of memory: nothing is handed over. */
  kill(): void {
    this.#process.kill('SIGKILL');
  }

  async remove(): Promise<void> {
    this.kill();
    await this.#done;
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** The status of a pod whose container ended with this code and this termination message. */
export type EndedStatus = (exitCode: number, message: string) => PodStatus;

const reportName = 'termination-log';
/** Of a process that SIGKILL ended. */
const killed = 137;

/** Writes the volumes of the agent's container below `folder`, and gives its variables with the paths of these files. */
async function mounted(pod: Pod, folder: string, client: KubeClient): Promise<Record<string, string>> {
  const [container] = pod.spec.containers;
  const mounts = container?.volumeMounts ?? [];
  for (const { name, mountPath } of mounts) {
    const target = join(folder, mountPath);
    await mkdir(target, { recursive: true });
    const volume = pod.spec.volumes?.find((each) => each.name === name) as Source | undefined;
    for (const [path, content] of await filesOf(volume ?? {}, pod.metadata.namespace ?? '', client)) await writeFile(join(target, path), content);
  }
  const here = (value: string): string => (mounts.some(({ mountPath }) => value.startsWith(mountPath)) || value.startsWith('/etc/sluice/') ? join(folder, value) : value);
  return Object.fromEntries((container?.env ?? []).flatMap(({ name, value }) => (value === undefined ? [] : [[name, here(value)]])));
}

async function filesOf({ configMap, secret, projected }: Source, namespace: string, client: KubeClient): Promise<readonly (readonly [string, Buffer])[]> {
  if (projected !== undefined) return (await Promise.all(projected.sources.map((source) => filesOf(source, namespace, client)))).flat();
  if (configMap !== undefined) {
    const { data = {}, binaryData = {} } = await client.get(configMaps, { namespace, name: configMap.name }, call);
    return chosen(configMap.items, { ...buffers(data, 'utf8'), ...buffers(binaryData, 'base64') });
  }
  if (secret !== undefined) return chosen(secret.items, buffers((await client.get(secrets, { namespace, name: secret.secretName }, call)).data ?? {}, 'base64'));
  return [];
}

function buffers(data: Readonly<Record<string, string>>, encoding: 'utf8' | 'base64'): Record<string, Buffer> {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, encoding)]));
}

function chosen(items: readonly Item[] | undefined, data: Readonly<Record<string, Buffer>>): readonly (readonly [string, Buffer])[] {
  const wanted = items ?? Object.keys(data).map((key) => ({ key, path: key }));
  return wanted.flatMap(({ key, path }) => (data[key] === undefined ? [] : [[path, data[key]] as const]));
}
