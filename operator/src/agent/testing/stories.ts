import type { ReleaseStatus, RolloutSpec } from '@sluice/crds';
import { isTerminal } from '../../release/decision.ts';
import { World } from './world.ts';

/** Something that happens to an agent and its operator, told step by step so that it goes on wherever the operator died. */
export interface Story {
  readonly title: string;
  readonly rollout?: Partial<RolloutSpec>;
  /** What is before the operator dies for the first time. Default: one good revision serves. */
  readonly before?: (teller: Teller) => Promise<void>;
  readonly tell: (teller: Teller) => Promise<void>;
  /** How the latest release ends. */
  readonly ends: string;
}

const steps = [{ weight: 50, duration: '10s' }];
const approval = (timeout: string, onTimeout: 'RollBack' | 'Promote') => ({ approval: { policy: 'Required', timeout, onTimeout } }) as const;
const lookMs = 5_000;
const maxLooks = 400;

/** Tells stories to a world, with the looks of the operator in between. */
export class Teller {
  readonly world: World;
  readonly beside: readonly World[];

  constructor({ rollout = {} }: Pick<Story, 'rollout'>) {
    this.world = new World({ steps, rollout });
    this.beside = rollout.group === undefined ? [] : [new World({ name: 'billing', steps, rollout, beside: this.world })];
  }

  get status(): ReleaseStatus {
    return this.world.releases.at(-1)?.status ?? {};
  }

  async look(ms = lookMs): Promise<void> {
    for (const world of [this.world, ...this.beside]) if (world.agent !== undefined) await world.reconcile();
    for (const world of [this.world, ...this.beside]) world.pass(ms);
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
    let writes = -1;
    await this.until('at rest', () => {
      const before = writes;
      writes = cluster.writes;
      return before === writes && [this.world, ...this.beside].every((world) => world.releases.every(({ status }) => isTerminal(status?.phase)) && world.agent.status?.observedGeneration === world.agent.metadata.generation);
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

const inStep = async (teller: Teller): Promise<void> => {
  await teller.serve('good 1');
  await teller.ask('good 2');
  await teller.untilStep();
};

/** The first revision has to be agreed to as well. */
const inApprovedStep = async (teller: Teller): Promise<void> => {
  await teller.ask('good 1');
  await teller.untilPhase('AwaitingApproval');
  await teller.wish('Promote');
  await teller.rest();
  await teller.ask('good 2');
  await teller.untilStep();
};

export const stories: readonly Story[] = [
  { title: 'promotion by steps', tell: (teller) => teller.serve('good 2'), ends: 'Promoted Promoted' },
  { title: 'rollback for an objective', tell: (teller) => teller.serve('ill 2'), ends: 'RolledBack ObjectiveFailed' },
  { title: 'failed evaluation', tell: (teller) => teller.serve('unfit 2'), ends: 'RolledBack EvaluationFailed' },
  { title: 'pods that never come', tell: (teller) => teller.serve('dead 2'), ends: 'RolledBack ProgressDeadlineExceeded' },
  { title: 'another spec in mid-release', before: inStep, tell: (teller) => teller.serve('good 3'), ends: 'Promoted Promoted' },
  { title: 'back to what serves in mid-release', before: inStep, tell: (teller) => teller.serve('good 1'), ends: 'Superseded SpecChanged' },
  { title: 'abort', before: inStep, tell: async (teller) => { await teller.wish('Abort'); await teller.rest(); }, ends: 'Aborted Aborted' },
  { title: 'pause and resume', before: inStep, tell: async (teller) => { await teller.wish('Pause'); await teller.look(3_600_000); await teller.wish('Resume'); await teller.rest(); }, ends: 'Promoted Promoted' },
  { title: 'approval', rollout: approval('10m', 'RollBack'), before: inApprovedStep, tell: async (teller) => { await teller.untilPhase('AwaitingApproval'); await teller.wish('Promote'); await teller.rest(); }, ends: 'Promoted Promoted' },
  { title: 'nobody approves', rollout: approval('20s', 'RollBack'), before: inApprovedStep, tell: (teller) => teller.rest(), ends: 'RolledBack ApprovalTimedOut' },
  { title: 'nobody answers, and silence is consent', rollout: approval('20s', 'Promote'), before: inApprovedStep, tell: (teller) => teller.rest(), ends: 'Promoted Promoted' },
  { title: 'retry', before: (teller) => teller.serve('good 1', 'ill 2'), tell: async (teller) => { await teller.wish('Retry'); await teller.until('retried', () => teller.world.releases.length === 3); await teller.rest(); }, ends: 'RolledBack ObjectiveFailed' },
  { title: 'undo', before: (teller) => teller.serve('good 1', 'good 2'), tell: async (teller) => { await teller.wish('Undo'); await teller.until('undone', () => teller.world.releases.length === 3); await teller.rest(); }, ends: 'Promoted Promoted' },
  { title: 'undo to a revision that is named', before: (teller) => teller.serve('good 1', 'good 2', 'good 3'), tell: async (teller) => {
    await teller.wish('Undo', { toRevision: teller.world.releases[0]?.spec.revision ?? '' });
    await teller.until('undone', () => teller.world.releases.length === 4);
    await teller.rest();
  }, ends: 'Promoted Promoted' },
  { title: 'promotion in full', before: inStep, tell: async (teller) => { await teller.wish('PromoteFull'); await teller.rest(); }, ends: 'Promoted Promoted' },
  { title: 'skip', rollout: { steps: [...steps, { weight: 75, duration: '10m' }] }, before: inStep, tell: async (teller) => {
    await teller.wish('Skip');
    await teller.until('in its second step', () => teller.status.step === 1 && teller.status.stepStartedAt !== undefined);
    await teller.wish('Promote');
    await teller.rest();
  }, ends: 'Promoted Promoted' },
  { title: 'outage of the provider', before: inStep, tell: async (teller) => {
    Object.assign(teller.world, { weather: 'outage' });
    await teller.untilPhase('Held');
    Object.assign(teller.world, { weather: 'fine' });
    await teller.rest();
  }, ends: 'Promoted Promoted' },
  { title: 'freeze', before: inStep, tell: async (teller) => {
    teller.world.editRollout({ freezes: [{ name: 'always', schedule: '* * * * *', duration: '5m', timeZone: 'UTC' }] });
    await teller.untilPhase('Held');
    teller.world.editRollout({ freezes: [] });
    await teller.rest();
  }, ends: 'Promoted Promoted' },
  { title: 'edited steps', before: inStep, tell: async (teller) => { teller.world.editRollout({ steps: [{ weight: 60, duration: '10s' }, { weight: 80, duration: '10s' }] }); await teller.rest(); }, ends: 'Promoted Promoted' },
  { title: 'rollback of a group', rollout: { group: 'shop', steps: [{ weight: 50, duration: '5m' }] }, tell: async (teller) => {
    const [billing] = teller.beside;
    billing?.ask('ill 2');
    await teller.ask('good 2');
    await teller.rest();
  }, ends: 'RolledBack GroupRolledBack' },
];

/** Tells a story until it is over; `dies`: the write at which the operator dies, counted from the beginning of what is told. */
export async function tellStory(story: Story, dies?: { readonly write: number; readonly when: 'before' | 'after' }) {
  const teller = new Teller(story);
  await (story.before ?? ((each: Teller) => each.serve('good 1')))(teller);
  const { cluster } = teller.world;
  const begin = cluster.writes;
  if (dies !== undefined) cluster.crashAt = { write: begin + dies.write, when: dies.when };
  await story.tell(teller);
  return { writes: cluster.writes - begin, end: endOf(teller), latest: `${teller.status.phase ?? ''} ${teller.status.reason ?? ''}` };
}

function endOf({ world, beside }: Teller) {
  return [world, ...beside].map(({ agent, releases, deployments }) => ({
    phase: agent.status?.phase,
    stable: agent.status?.stable,
    canary: agent.status?.canary,
    releases: releases.map(({ metadata, spec, status }) => ({
      name: metadata.name, revision: spec.revision, cause: spec.cause, retryOf: spec.retryOf, phase: status?.phase, reason: status?.reason, completion: status?.completion, undoTo: status?.undoTo,
      answer: status?.handledIntent === undefined ? undefined : `${status.handledIntent.verb} ${status.handledIntent.outcome}`,
      transitions: status?.transitions?.map(({ phase, reason, by }) => `${phase} ${reason} ${by ?? ''}`),
    })),
    pods: deployments.map(({ metadata, spec }) => `${metadata.name} ${spec.replicas ?? 1}`).toSorted(),
  }));
}
