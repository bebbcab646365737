import type { AgentDeployment, Release } from '@sluice/crds';
import type { KubeObject, ResourceType } from '@sluice/kube';
import { agentDeployments, releases } from '../../operator/src/resources.ts';
import type { Scene } from '../../operator/src/integration/scene.ts';
import { call } from '../../operator/src/integration/test-cluster.ts';
import { LuaScript } from './lua-script.ts';
import { mergePatchOf, withEmptyObjects } from './merge-patch.ts';

type Discovered = Readonly<Record<string, { readonly disabled: boolean }>>;
const types: Readonly<Record<string, ResourceType<AgentDeployment> | ResourceType<Release>>> = { AgentDeployment: agentDeployments, Release: releases };

/** What Argo CD does with a resource that is live: reads it, runs a script on it, and sends what changed as a merge patch. */
export class PlayedArgoCd {
  readonly #lua: string;
  readonly #scene: Scene;

  constructor(lua: string, scene: Scene) {
    this.#lua = lua;
    this.#scene = scene;
  }

  async health(kind: 'AgentDeployment' | 'Release', name: string): Promise<string> {
    const [health] = await new LuaScript(this.#lua, `${kind}/health.lua`).run<{ readonly status: string }>([await this.#live(kind, name)]);
    return health?.status ?? 'Unknown';
  }

  /** Names of the actions that can be clicked, sorted. */
  async possible(kind: 'AgentDeployment' | 'Release', name: string): Promise<string[]> {
    const [actions = {}] = await new LuaScript(this.#lua, `${kind}/actions/discovery.lua`).run<Discovered>([await this.#live(kind, name)]);
    return Object.keys(actions).filter((action) => actions[action]?.disabled === false).toSorted();
  }

  /** Returns the patch; it goes to the object that the script returned. Throws KubeError when the API server refuses it. */
  async run(kind: 'AgentDeployment' | 'Release', name: string, action: string): Promise<object> {
    const live = await this.#live(kind, name);
    const [returned] = await new LuaScript(this.#lua, `${kind}/actions/${action}/action.lua`).run<KubeObject>([live]);
    if (returned === undefined) throw new Error(`${action} of ${kind} ${name} returned nothing`);
    const patch = mergePatchOf({ ...live }, withEmptyObjects(returned, live) as Readonly<Record<string, unknown>>);
    const type = types[returned.kind] as ResourceType | undefined;
    if (type === undefined) throw new Error(`${action} of ${kind} ${name} returned a ${returned.kind}`);
    await this.#scene.admin.mergePatch(type, { namespace: this.#scene.namespace, name: returned.metadata.name }, patch, call);
    return patch;
  }

  #live(kind: 'AgentDeployment' | 'Release', name: string): Promise<KubeObject> {
    return this.#scene.get(types[kind] as ResourceType, name);
  }
}
