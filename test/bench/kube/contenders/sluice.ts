import { setTimeout as sleep } from 'node:timers/promises';
import type { Informer, KubeObject, ResourceType } from '@sluice/kube';
import type { Figures, Spec } from '../spec.ts';
import { measureCache, measureIdle, requireAll } from './memory.ts';
import { type Contender, mark, runContender } from './program.ts';
import { measureRequests } from './requests.ts';
import { Tally } from './tally.ts';
import { between, memoryBytes, readUsage } from './usage.ts';

// Imported when it is called for, so that the time of the import can be told.
type Kube = typeof import('@sluice/kube');

const loadKube = (): Promise<Kube> => import('@sluice/kube');
const never = new AbortController().signal;

function connect(kube: Kube, { kubeconfig }: Spec): InstanceType<Kube['KubeClient']> {
  return new kube.KubeClient({ transport: new kube.Transport({ connection: kube.loadKubeConfig({ path: kubeconfig, env: {} }) }) });
}

function newInformer(kube: Kube, client: InstanceType<Kube['KubeClient']>, spec: Spec, namespace: string): Informer<KubeObject> {
  const onError = (error: Error): void => void process.stderr.write(`${error.message}\n`);
  return new kube.Informer<KubeObject>({ client, type: informedType(kube, spec), namespace, onError });
}

function informedType(kube: Kube, { resource, variant }: Spec): ResourceType {
  const type = resource === 'pods' ? kube.pods : kube.configMaps;
  return variant === 'metadata' ? kube.metadataOnly<KubeObject>(type) : type;
}

async function follow(spec: Spec): Promise<Figures> {
  const kube = await loadKube();
  const informer = newInformer(kube, connect(kube, spec), spec, spec.namespace);
  const tally = new Tally(spec);
  informer.addHandler({ onUpdate: () => tally.changed() });
  const controller = new kube.Controller({
    name: 'bench',
    concurrency: spec.workers,
    sources: [kube.source({ informer, keys: kube.selfKeys })],
    reconcile: async (key) => {
      const object = informer.store.get(key);
      if (object !== undefined) tally.reconciled(object);
      return {};
    },
  });
  const running = kube.runTogether([informer, controller], { signal: never });
  await informer.whenSynced({ signal: never });
  mark('synced');
  return Promise.race([tally.figures(), running.then(() => Promise.reject(new Error('the controller ended')))]);
}

function cache(spec: Spec): Promise<Figures> {
  return loadKube().then((kube) => {
    mark('imported');
    const client = connect(kube, spec);
    return measureCache(spec, async () => {
      const informer = newInformer(kube, client, spec, spec.namespace);
      void informer.run({ signal: never });
      await informer.whenSynced({ signal: never });
      return () => informer.store.size;
    });
  });
}

async function list(spec: Spec): Promise<Figures> {
  const kube = await loadKube();
  const client = connect(kube, spec);
  const from = readUsage();
  const held = await readAll(kube, client, spec);
  const to = readUsage();
  requireAll(held.length, spec);
  return { ...between(from, to), peakRssBytes: memoryBytes('VmHWM') };
}

async function readAll(kube: Kube, client: InstanceType<Kube['KubeClient']>, spec: Spec): Promise<readonly KubeObject[]> {
  const { namespace } = spec;
  if (spec.variant === 'paged') return Array.fromAsync(client.listAll(kube.configMaps, { namespace }, { signal: never }));
  const informer = newInformer(kube, client, spec, namespace);
  void informer.run({ signal: never });
  await informer.whenSynced({ signal: never });
  return informer.store.list();
}

async function requests(spec: Spec): Promise<Figures> {
  const kube = await loadKube();
  const client = connect(kube, spec);
  const type = spec.resource === 'pods' ? kube.pods : kube.configMaps;
  return measureRequests(spec, (name) => client.get<KubeObject>(type, { namespace: spec.namespace, name }, { signal: never }));
}

async function idle(spec: Spec): Promise<Figures> {
  const kube = await loadKube();
  const client = connect(kube, spec);
  for (let number = 0; number < spec.watches; number += 1) {
    const informer = newInformer(kube, client, spec, `${spec.namespace}-${number}`);
    void informer.run({ signal: never });
    await informer.whenSynced({ signal: never });
  }
  return measureIdle(spec, sleep);
}

const contender: Contender = { follow, cache, list, requests, idle };
await runContender(contender);
