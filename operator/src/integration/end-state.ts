import { isDeepStrictEqual } from 'node:util';
import type { AgentDeployment } from '@sluice/crds';
import type { KubeObject, ResourceType } from '@sluice/kube';
import { expect, vi } from 'vitest';
import { comparableStates } from './comparable-states.ts';
import { agentKinds, agentStatuses, revisionWords } from './agent-states.ts';
import type { Scene } from './scene.ts';

/** News of an agent may be told 20 s late (agent/status/status-pace.ts), and the machine may be busy. Milliseconds. */
const untoldMs = 90_000;

export interface EndStateOptions {
  /** Of kinds that not every cluster serves. */
  readonly besides?: readonly ResourceType[];
  /** 'AtOnce': without what of an agent's status may be told later. Default 'All'. */
  readonly news?: 'AtOnce' | 'All';
}

function toldAtOnce(object: KubeObject): unknown {
  const { phase, revision, shard, release, stable, conditions = [] } = (object as AgentDeployment).status ?? {};
  return { phase, revision, shard, release: release?.name, serves: stable?.revision, conditions: conditions.map(({ type, status }) => `${type} ${status}`).toSorted() };
}

/** By title, all that a namespace holds, in words that are the same in each run of a story: a revision is called by its first release. */
export async function endStateOf(scene: Scene, { besides = [], news = 'All' }: EndStateOptions = {}): Promise<Readonly<Record<string, unknown>>> {
  const found = (await Promise.all([...agentKinds, ...besides].map((kind) => scene.list(kind)))).flat().filter(({ metadata }) => metadata.name !== 'kube-root-ca.crt');
  const statuses = { ...agentStatuses, ...(news === 'All' ? {} : { AgentDeployment: toldAtOnce }) };
  return comparableStates(found, { statuses, namespace: scene.namespace, names: revisionWords(found) });
}

/** What differs is shown, as soon as the status of an agent must have been told. */
export async function expectSameEnd(lived: Scene, other: Scene, options: EndStateOptions = {}): Promise<void> {
  await vi.waitFor(async () => expect(await endStateOf(other, options)).toEqual(await endStateOf(lived, options)), { timeout: untoldMs, interval: 500 });
}

/** Whether both scenes hold the same. */
export async function areAlike(one: Scene, other: Scene, options: EndStateOptions): Promise<boolean> {
  const [left, right] = await Promise.all([endStateOf(one, options), endStateOf(other, options)]);
  return isDeepStrictEqual(left, right);
}
