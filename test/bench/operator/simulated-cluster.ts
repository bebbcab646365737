import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClusterConnection, defineResource, KubeClient, type KubeObject, loadKubeConfig, Transport } from '@sluice/kube';
import { parse, stringify } from 'yaml';
import { type ControlPlane, startControlPlane } from '../../../hack/src/cluster/cluster.ts';
import { ensureTools } from '../../../hack/src/tools/tools.ts';
import { AuditLog } from './audit-log.ts';
import { ChildProgram } from './child-program.ts';
import { KWOK, moduleFolder, type ModuleOptions } from './go-modules.ts';
import { CONTROLLER_USER } from './controller-user.ts';

const NODES = 10;
const STAGES = ['node/fast/node-initialize', 'node/heartbeat-with-lease/node-heartbeat-with-lease', 'pod/fast/pod-ready', 'pod/fast/pod-complete', 'pod/fast/pod-delete'];
/** Of pods that nobody connects to: without `started` in their status the operator does not read their metrics. */
const POD_RANGE = '10.128.0.0/9';
const LEASE_SECONDS = 40;
/** Each node has a kubelet of its own: with kwok's four at a time all pods wait for each other where the API server is slow. It takes defaults for none of these when one of them is set. */
const KWOK_OPTIONS = {
  podPlayStageParallelism: 64,
  nodePlayStageParallelism: 4,
  nodeLeaseParallelism: 4,
  podsOnNodeSyncParallelism: 1,
  enablePodsOnNodeSyncListPager: true,
  enablePodsOnNodeSyncStreamWatch: false,
};
const KWOK_CONFIGURATION = { apiVersion: 'config.kwok.x-k8s.io/v1alpha1', kind: 'KwokConfiguration', options: KWOK_OPTIONS };
/** The scheduler is not what is measured. */
const SCHEDULER_FLAGS = ['--leader-elect=false', '--secure-port=0', '--kube-api-qps=2000', '--kube-api-burst=4000'];

const nodes = defineResource({ group: '', version: 'v1', plural: 'nodes', kind: 'Node', scope: 'Cluster' });

/** A control plane with a scheduler and nodes that only say what pods do: a pod is ready as soon as it is bound. */
export interface SimulatedCluster {
  readonly controlPlane: ControlPlane;
  readonly connection: ClusterConnection;
  /** With an administrator's rights. */
  readonly admin: KubeClient;
  readonly audit: AuditLog;
  /** For files of the run; goes with the cluster. */
  readonly folder: string;
  stop(): Promise<void>;
}

export interface SimulatedClusterOptions extends ModuleOptions {
  /** Tag of images whose pods never get ready; undefined: there are none. */
  readonly neverReady?: string;
  /** Further flags of kube-controller-manager. */
  readonly controllerFlags?: readonly string[];
}

/** Throws ClusterError, ToolError, CommandError or BenchError. */
export async function startSimulatedCluster(options: SimulatedClusterOptions): Promise<SimulatedCluster> {
  const tools = await ensureTools(['kwok', 'kube-scheduler'], options);
  const stages = await readStages(options);
  const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-operator-'));
  const { log: audit, flags } = await AuditLog.prepare(folder, CONTROLLER_USER);
  const controlPlane = await startControlPlane({ ...options, apiServerFlags: flags, controllerManagerFlags: options.controllerFlags ?? [] });
  const connection = loadKubeConfig({ path: controlPlane.kubeconfig, env: {} });
  const transport = new Transport({ connection, userAgent: 'bench-operator' });
  const config = join(folder, 'kwok.yaml');
  await writeFile(config, [stages, stringify(KWOK_CONFIGURATION)].join('\n---\n'));
  const start = (name: string, command: string, args: readonly string[]): ChildProgram =>
    new ChildProgram({ name, command, args: [`--kubeconfig=${controlPlane.kubeconfig}`, ...args], env: {}, log: join(folder, `${name}.log`) });
  const programs = [
    start('kube-scheduler', tools['kube-scheduler'], SCHEDULER_FLAGS),
    start('kwok', tools.kwok, [`--config=${config}`, '--manage-all-nodes', `--cidr=${POD_RANGE}`, `--node-lease-duration-seconds=${LEASE_SECONDS}`, '--v=ERROR']),
  ];
  const admin = new KubeClient({ transport });
  const stop = async (): Promise<void> => {
    await Promise.all(programs.map((program) => program.stop()));
    await transport.close();
    await controlPlane.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    for (let number = 0; number < NODES; number += 1) await admin.create(nodes, simulatedNode(number), options);
    return { controlPlane, connection, admin, audit, folder, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What a node and a pod do, in the words of kwok's own module. */
async function readStages(options: SimulatedClusterOptions): Promise<string> {
  const folder = join(await moduleFolder(KWOK, options), 'kustomize', 'stage');
  const texts = await Promise.all(STAGES.map((stage) => readFile(join(folder, `${stage}.yaml`), 'utf8')));
  return texts.map((text) => (options.neverReady === undefined ? text : withoutImage(text, options.neverReady))).join('\n---\n');
}

interface Stage {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly selector: { readonly matchExpressions: readonly object[] } };
}

/** The stage in which pods get ready, but for those of images with that tag; other stages as they are. */
function withoutImage(text: string, tag: string): string {
  const stage = parse(text) as Stage;
  if (stage.metadata.name !== 'pod-ready') return text;
  const others = { key: '.spec.containers[0].image | split(":") | last', operator: 'NotIn', values: [tag] };
  return stringify({ ...stage, spec: { ...stage.spec, selector: { ...stage.spec.selector, matchExpressions: [...stage.spec.selector.matchExpressions, others] } } });
}

function simulatedNode(number: number): KubeObject {
  const name = `simulated-${number}`;
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux' } } };
}
