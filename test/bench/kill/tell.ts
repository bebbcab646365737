import { configMaps, isNotFound, type KubeObject, type ResourceType } from '@sluice/kube';
import { comparableStates } from '../../../operator/src/integration/comparable-states.ts';
import { BenchError } from '../kube/bench-error.ts';
import type { ModuleOptions } from '../operator/go-modules.ts';
import type { States } from './differences.ts';
import { configurationText, imageOf } from './serving.ts';
import { REPLICAS, type Story, type Wish } from './story.ts';
import { type Place, PROMPT_KEY, type Stage, type Subject } from './subject.ts';
import type { Witness } from './witness.ts';

/** A namespace in which a story is told of a contender. */
export interface Scene extends Place, ModuleOptions {
  readonly subject: Subject;
  readonly witness: Witness;
}

const LOOK_EVERY_MS = 250;
/** What Kubernetes puts into every namespace. */
const FURNITURE = ['kube-root-ca.crt', 'default'];

/** As `kubectl apply --server-side` does, the ConfigMap first. */
export async function applyWish({ admin, namespace, subject, signal }: Scene, wish: Wish): Promise<void> {
  const prompt = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: wish.configMap }, data: { [PROMPT_KEY]: configurationText(wish.configuration) } } as KubeObject;
  for (const { type, object } of [{ type: configMaps as unknown as ResourceType, object: prompt }, ...subject.manifests(wish)]) {
    await admin.apply(type, { ...object, metadata: { ...object.metadata, namespace } }, { fieldManager: 'user', conflicts: 'force' }, { signal });
  }
}

/** Waits until the subject is in that stage. Throws BenchError that says what it was in. */
export async function untilStage(scene: Scene, stage: Stage, timeoutMs: number): Promise<void> {
  let seen: Stage = 'Moving';
  await until(scene, timeoutMs, async () => (seen = await stageNow(scene)) === stage, () => `it did not come to ${stage}: it is ${seen}`);
}

/** Waits until the story is at its end: the stage, and as many pods as asked of the image that is to serve, and no other. */
export async function untilOver(scene: Scene, ends: Pick<Story['ends'], 'stage' | 'image'>, timeoutMs: number): Promise<void> {
  let seen = '';
  const look = async (): Promise<boolean> => {
    const stage = await stageNow(scene);
    const images = scene.witness.pods.map((pod) => imageOf(pod as Parameters<typeof imageOf>[0]));
    seen = `${stage}, pods ${images.toSorted().join(' ')}`;
    return stage === ends.stage && images.length === REPLICAS && images.every((image) => image === ends.image);
  };
  await until(scene, timeoutMs, look, () => `it did not end ${ends.stage} with ${REPLICAS} pods of ${ends.image}: ${seen}`);
}

/** Reads until it holds. Throws BenchError. */
export async function until({ clock, signal }: ModuleOptions, timeoutMs: number, holds: () => Promise<boolean>, otherwise: () => string): Promise<void> {
  const deadline = clock.monotonicMs() + timeoutMs;
  while (!(await holds())) {
    if (clock.monotonicMs() > deadline) throw new BenchError(`${otherwise()} after ${Math.round(timeoutMs / 1000)} s`);
    await clock.sleep(LOOK_EVERY_MS, signal);
  }
}

export async function statesOf({ admin, namespace, subject, signal }: Scene): Promise<States> {
  const lists = await Promise.all(subject.kinds.map((kind) => admin.list(kind, { namespace }, { signal })));
  const found = lists.flatMap(({ items }) => items).filter(({ metadata }) => !FURNITURE.includes(metadata.name));
  return comparableStates(found, { statuses: subject.statuses, namespace, names: subject.words(found) });
}

/** What is not there yet is on its way. */
async function stageNow(scene: Scene): Promise<Stage> {
  return scene.subject.stage(scene).catch((error: unknown) => {
    if (isNotFound(error)) return 'Moving';
    throw error;
  });
}
