import type { AgentDeployment, AgentPhase } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { agentDeployments, modelProviders } from '../resources.ts';
import { type KStatus, kstatusOf } from './testing/kstatus.ts';
import { World, type WorldOptions } from './testing/world.ts';

/** What each phase means to a program that waits, such as kubectl wait, Argo CD, Flux or kapp. */
const meaning: Readonly<Record<AgentPhase, readonly KStatus[]>> = {
  Pending: ['Failed', 'InProgress'],
  Progressing: ['InProgress'],
  Paused: ['InProgress'],
  Healthy: ['Current'],
  Degraded: ['Failed'],
  Suspended: ['Current', 'Failed'],
};

/** Follows one agent and checks each status that is stored. */
class Watcher {
  readonly world: World;
  readonly seen = new Map<AgentPhase, Set<KStatus>>();
  #last: AgentDeployment | undefined;

  constructor(options: WorldOptions = {}) {
    this.world = new World(options);
  }

  edit(change: (spec: AgentDeployment['spec']) => AgentDeployment['spec']): void {
    const changed: AgentDeployment = { ...this.world.agent, spec: change(this.world.agent.spec) };
    this.world.cluster.put(agentDeployments, changed);
    if (changed.status !== undefined) expect(kstatusOf(this.world.agent), 'a spec that nobody has looked at is not Current').toBe('InProgress');
  }

  async until(phase: AgentPhase, rounds = 120): Promise<void> {
    for (let round = 0; round < rounds; round += 1) {
      await this.world.reconcile();
      this.#check();
      if (this.world.agent.status?.phase === phase && this.world.agent.status.observedGeneration === this.world.agent.metadata.generation) return;
      this.world.pass(5_000, 0.5);
    }
    throw new Error(`never ${phase}: ${JSON.stringify(this.world.agent.status)}`);
  }

  #check(): void {
    const { agent } = this.world;
    const { status } = agent;
    if (status?.phase === undefined) return;
    const found = kstatusOf(agent);
    if (status.observedGeneration !== agent.metadata.generation) return expect(found, 'a status about an older spec').toBe('InProgress');
    expect(meaning[status.phase], `${status.phase}: ${JSON.stringify(status.conditions)}`).toContain(found);
    this.seen.set(status.phase, (this.seen.get(status.phase) ?? new Set()).add(found));
    checkConditions(agent, this.#last);
    this.#last = agent;
  }
}

function checkConditions({ metadata, status }: AgentDeployment, before: AgentDeployment | undefined): void {
  const conditions = status?.conditions ?? [];
  const types = conditions.map(({ type }) => type);
  expect(new Set(types).size, 'each type once').toBe(types.length);
  expect(types).toEqual(expect.arrayContaining(['Ready', 'Reconciling', 'Stalled', 'Available']));
  expect(status?.observedGeneration).toBe(metadata.generation);
  const isTrue = (type: string) => conditions.some((condition) => condition.type === type && condition.status === 'True');
  expect(isTrue('Reconciling') && isTrue('Stalled'), 'what is stalled is not on its way').toBe(false);
  expect(isTrue('Ready') && (isTrue('Reconciling') || isTrue('Stalled')), 'what is ready is neither').toBe(false);
  for (const condition of conditions) {
    expect(condition.reason).toMatch(/^[A-Z][A-Za-z]+$/);
    expect(condition.message.length).toBeGreaterThan(5);
    expect(condition.observedGeneration).toBe(metadata.generation);
    const earlier = before?.status?.conditions?.find(({ type }) => type === condition.type);
    if (earlier?.status === condition.status) expect(condition.lastTransitionTime, `${condition.type} did not change`).toBe(earlier.lastTransitionTime);
  }
}

describe('what kstatus makes of an agent', { timeout: 120_000 }, () => {
  it('is right at every moment of good and bad releases', async () => {
    const watcher = new Watcher();
    watcher.world.ask('good 1');
    await watcher.until('Healthy');
    for (const [prompt, phase] of [['good 2', 'Healthy'], ['unfit 3', 'Degraded'], ['ill 4', 'Degraded'], ['dead 5', 'Degraded'], ['good 2', 'Healthy']] as const) {
      watcher.world.ask(prompt);
      expect(kstatusOf(watcher.world.agent), 'a spec that nobody has looked at').toBe('InProgress');
      await watcher.until('Progressing').catch(() => undefined);
      await watcher.until(phase);
    }
    expect([...watcher.seen.keys()].toSorted()).toEqual(['Degraded', 'Healthy', 'Progressing']);
  });

  it('is InProgress while a person is asked', async () => {
    const watcher = new Watcher({ rollout: { approval: { policy: 'Required', timeout: '24h', onTimeout: 'RollBack' } } });
    for (const prompt of ['good 1', 'good 2']) {
      watcher.world.ask(prompt);
      await watcher.until('Paused');
      watcher.world.wish('Promote', watcher.world.releases.at(-1)!);
      await watcher.until('Healthy');
    }
    expect([...(watcher.seen.get('Paused') ?? [])]).toEqual(['InProgress']);
  });

  it('is Failed where the spec names what does not exist, and where nobody serves', async () => {
    const watcher = new Watcher();
    const provider = watcher.world.cluster.list('ModelProvider')[0]!;
    watcher.world.cluster.remove(modelProviders, { namespace: provider.metadata.namespace ?? '', name: provider.metadata.name });
    watcher.world.ask('good 1');
    await watcher.until('Pending');
    expect([...(watcher.seen.get('Pending') ?? [])]).toEqual(['Failed']);
    watcher.world.cluster.put(modelProviders, provider);
    await watcher.until('Healthy');
    watcher.world.kill(watcher.world.agent.status!.stable!.revision);
    await watcher.until('Degraded');
    expect(kstatusOf(watcher.world.agent)).toBe('Failed');
  });

  it('is Current for a suspended agent that is as its spec says, and Failed for one that waits to be resumed', async () => {
    const watcher = new Watcher();
    watcher.world.ask('good 1');
    await watcher.until('Healthy');
    watcher.edit((spec) => ({ ...spec, suspend: true }));
    await watcher.until('Suspended');
    expect(kstatusOf(watcher.world.agent)).toBe('Current');
    watcher.edit((spec) => ({ ...spec, agent: { ...spec.agent, prompt: { inline: 'good 2' } } }));
    await watcher.until('Suspended');
    expect(kstatusOf(watcher.world.agent)).toBe('Failed');
    watcher.edit((spec) => ({ ...spec, suspend: false }));
    await watcher.until('Healthy');
  });

  it('is Terminating as soon as it is deleted', () => {
    const agent = { metadata: { deletionTimestamp: '2026-11-21T10:00:00Z', generation: 2 }, status: { observedGeneration: 1 } } as AgentDeployment;
    expect(kstatusOf(agent)).toBe('Terminating');
  });
});
