import type { ReleaseStatus, RolloutSpec } from '@sluice/crds';
import { isTerminal } from '../../release/decision.ts';
import type { CrashPoint } from './memory-cluster.ts';
import type { ControllerPace } from './played-deployments.ts';
import { World, type WorldOptions } from './world.ts';

/** Something that happens to an agent and its operator, told step by step so that it goes on wherever the operator died. */
export interface Story {
  readonly title: string;
  readonly rollout?: Partial<RolloutSpec>;
  /** What the agent has besides. */
  readonly agent?: Omit<WorldOptions, 'rollout' | 'name' | 'beside'>;
  /** Another agent of the namespace, and its rollout. Default: one of the same group, where there is a group. */
  readonly neighbour?: Partial<RolloutSpec>;
  /** What is before the operator dies for the first time. Default: one good revision serves. */
  readonly before?: (teller: Teller) => Promise<void>;
  readonly tell: (teller: Teller) => Promise<void>;
  /** How the latest release ends. */
  readonly ends: string;
}

export const steps = [{ weight: 50, duration: '10s' }];
const lookMs = 5_000;
const maxLooks = 400;

/** Tells stories to a world, with the looks of the operator in between. */
export class Teller {
  readonly world: World;
  readonly beside: readonly World[];

  constructor(world: World, beside: readonly World[] = []) {
    this.world = world;
    this.beside = beside;
  }

  get status(): ReleaseStatus {
    return this.world.releases.at(-1)?.status ?? {};
  }

  async look(ms = lookMs): Promise<void> {
    for (const world of [this.world, ...this.beside]) if (world.agent !== undefined && (await world.reconcile()) === 'crashed') this.#restart();
    for (const world of [this.world, ...this.beside]) world.pass(ms);
  }

  /** One process looks after all of them. */
  #restart(): void {
    for (const world of [this.world, ...this.beside]) world.restart();
  }

  /** Looks until it is so; each condition is of what is stored. */
  async until(what: string, holds: () => boolean, ms = lookMs): Promise<void> {
    for (let looks = 0; looks < maxLooks; looks += 1) {
      if (holds()) return;
      await this.look(ms);
    }
    throw new Error(`not ${what}: ${JSON.stringify(this.status)}`);
  }

  untilStep(): Promise<void> {
    return this.until('in its step', () => this.status.phase === 'Shifting' && this.status.stepStartedAt !== undefined);
  }

  untilPhase(phase: ReleaseStatus['phase']): Promise<void> {
    return this.until(phase ?? '', () => this.status.phase === phase);
  }

  /** Until nothing is on its way and nothing is left to write. */
  async rest(): Promise<void> {
    const { cluster } = this.world;
    const worlds = [this.world, ...this.beside];
    let seen = '';
    await this.until('at rest', () => {
      const before = seen;
      const over = worlds.every((world) => !world.statusIsLate && world.isStill && world.releases.every(({ status }) => isTerminal(status?.phase)) && world.agent.status?.observedGeneration === world.agent.metadata.generation);
      // What is to be removed is gone, and that has been looked at too.
      seen = `${cluster.writes} writes, ${over ? 'over' : 'on its way'}`;
      return over && before === seen;
    });
  }

  async serve(...prompts: readonly string[]): Promise<void> {
    for (const prompt of prompts) {
      for (const world of [this.world, ...this.beside]) world.ask(prompt);
      await this.rest();
    }
  }

  async ask(prompt: string): Promise<void> {
    this.world.ask(prompt);
    await this.until('begun', () => this.status.phase !== undefined && !isTerminal(this.status.phase));
  }

  /** Of the latest release, or of the one that serves. */
  async wish(verb: Parameters<World['wish']>[0], more: Parameters<World['wish']>[2] = {}): Promise<void> {
    const release = this.world.releases.at(-1);
    if (release === undefined) throw new Error('there is no release');
    this.world.wish(verb, release, more);
    const { name } = release.metadata;
    await this.until(`answered ${verb}`, () => this.world.releases.find(({ metadata }) => metadata.name === name)?.status?.handledIntent?.verb === verb);
  }
}

/** The second revision has its first share of the traffic. */
export const inStep = async (teller: Teller): Promise<void> => {
  await teller.serve('good 1');
  await teller.ask('good 2');
  await teller.untilStep();
};


/** What is told besides the story. */
export interface Circumstances {
  readonly controllers: ControllerPace;
  /** The write at which the operator dies, counted from the beginning of what is told. */
  readonly dies?: CrashPoint | undefined;
}

/** The agent that a story is about. */
export function agentOf({ rollout = {}, agent = {} }: Story, controllers: ControllerPace): WorldOptions {
  return { steps, rollout, controllers, ...agent };
}

/** Another agent of its namespace, where there is one. */
export function neighbourOf({ rollout = {}, neighbour = rollout.group === undefined ? undefined : rollout }: Story): Partial<RolloutSpec> | undefined {
  return neighbour;
}

/** Tells a story until it is over. */
export async function tellStory(story: Story, { controllers, dies }: Circumstances) {
  const world = new World(agentOf(story, controllers));
  const neighbour = neighbourOf(story);
  const teller = new Teller(world, neighbour === undefined ? [] : [new World({ name: 'billing', steps, rollout: neighbour, controllers, beside: world })]);
  return tell(story, teller, (begin) => {
    if (dies !== undefined) world.cluster.crashAt = { write: begin + dies.write, when: dies.when };
  });
}

/** `begins` is called with the number of writes before what is told. */
export async function tell(story: Story, teller: Teller, begins: (writes: number) => void) {
  await (story.before ?? ((each: Teller) => each.serve('good 1')))(teller);
  const { cluster } = teller.world;
  const begin = cluster.writes;
  begins(begin);
  await story.tell(teller);
  return { writes: cluster.writes - begin, end: endOf(teller), latest: `${teller.status.phase ?? ''} ${teller.status.reason ?? ''}` };
}

function endOf({ world, beside }: Teller) {
  return { agents: [world, ...beside].map(agentEnd), objects: world.cluster.names(), inForce: world.gateway.inForce?.spec.rules };
}

function agentEnd({ agent, releases, deployments, autoscalers }: World) {
  return {
    phase: agent.status?.phase,
    stable: agent.status?.stable,
    canary: agent.status?.canary,
    traffic: agent.status?.traffic,
    releases: releases.map(({ metadata, spec, status }) => ({
      name: metadata.name, revision: spec.revision, cause: spec.cause, retryOf: spec.retryOf, phase: status?.phase, reason: status?.reason, completion: status?.completion, undoTo: status?.undoTo,
      answer: status?.handledIntent === undefined ? undefined : `${status.handledIntent.verb} ${status.handledIntent.outcome}`,
      transitions: status?.transitions?.map(({ phase, reason, by }) => `${phase} ${reason} ${by ?? ''}`),
    })),
    pods: deployments.map(({ metadata, spec }) => `${metadata.name} ${spec.replicas ?? 1}`).toSorted(),
    restarted: deployments.map(({ spec }) => Object.entries(spec.template.metadata?.annotations ?? {}).map(([key, value]) => `${key} ${value}`)),
    autoscalers: autoscalers.map(({ metadata, spec }) => `${metadata.name} ${spec.minReplicas ?? 1} to ${spec.maxReplicas}`).toSorted(),
  };
}
