import { setTimeout as sleep } from 'node:timers/promises';
import type { CoreV1Api, Informer, KubeConfig, KubernetesListObject, KubernetesObject, ObjectCache } from '@kubernetes/client-node';
import type { Figures, Spec } from '../spec.ts';
import { measureCache, measureIdle, requireAll } from './memory.ts';
import { type Contender, mark, runContender } from './program.ts';
import { measureRequests } from './requests.ts';
import { Tally } from './tally.ts';
import { between, memoryBytes, readUsage } from './usage.ts';

type ClientNode = typeof import('@kubernetes/client-node');

/** How long its documented recipe waits before it starts an informer again that met an error. */
const RESTART_MS = 1000;

const load = (): Promise<ClientNode> => import('@kubernetes/client-node');

interface Connected {
  readonly k8s: ClientNode;
  readonly config: KubeConfig;
  readonly api: CoreV1Api;
}

function connect(k8s: ClientNode, spec: Spec): Connected {
  const config = new k8s.KubeConfig();
  config.loadFromFile(spec.kubeconfig);
  return { k8s, config, api: config.makeApiClient(k8s.CoreV1Api) };
}

function newInformer({ k8s, config, api }: Connected, spec: Spec, namespace: string): Informer<KubernetesObject> & ObjectCache<KubernetesObject> {
  const listObjects = (): Promise<KubernetesListObject<KubernetesObject>> =>
    spec.resource === 'pods' ? api.listNamespacedPod({ namespace }) : api.listNamespacedConfigMap({ namespace });
  const informer = k8s.makeInformer(config, `/api/v1/namespaces/${namespace}/${spec.resource}`, listObjects);
  informer.on('error', (error: unknown) => {
    process.stderr.write(`the informer failed: ${String(error)}\n`);
    setTimeout(() => void informer.start(), RESTART_MS);
  });
  return informer;
}

async function follow(spec: Spec): Promise<Figures> {
  const informer = newInformer(connect(await load(), spec), spec, spec.namespace);
  const tally = new Tally(spec);
  informer.on('update', (object) => {
    tally.changed();
    tally.reconciled(object);
  });
  await informer.start();
  mark('synced');
  return tally.figures();
}

async function cache(spec: Spec): Promise<Figures> {
  const k8s = await load();
  mark('imported');
  const connected = connect(k8s, spec);
  return measureCache(spec, async () => {
    const informer = newInformer(connected, spec, spec.namespace);
    await informer.start();
    return () => informer.list().length;
  });
}

async function list(spec: Spec): Promise<Figures> {
  const { api } = connect(await load(), spec);
  const from = readUsage();
  const held = spec.variant === 'paged' ? await listPages(api, spec) : (await api.listNamespacedConfigMap({ namespace: spec.namespace })).items;
  const to = readUsage();
  requireAll(held.length, spec);
  return { ...between(from, to), peakRssBytes: memoryBytes('VmHWM') };
}

async function listPages(api: CoreV1Api, { namespace, pageSize }: Spec): Promise<readonly KubernetesObject[]> {
  const held: KubernetesObject[] = [];
  let next: string | undefined;
  do {
    const page = await api.listNamespacedConfigMap({ namespace, limit: pageSize, ...(next === undefined ? {} : { _continue: next }) });
    held.push(...page.items);
    next = page.metadata?._continue;
  } while (next !== undefined && next !== '');
  return held;
}

async function requests(spec: Spec): Promise<Figures> {
  const { api } = connect(await load(), spec);
  const { namespace, resource } = spec;
  return measureRequests(spec, (name): Promise<unknown> => (resource === 'pods' ? api.readNamespacedPod({ namespace, name }) : api.readNamespacedConfigMap({ namespace, name })));
}

async function idle(spec: Spec): Promise<Figures> {
  const connected = connect(await load(), spec);
  for (let number = 0; number < spec.watches; number += 1) await newInformer(connected, spec, `${spec.namespace}-${number}`).start();
  return measureIdle(spec, sleep);
}

const contender: Contender = { follow, cache, list, requests, idle };
await runContender(contender);
