import { type AgentDeployment, type AgentPhase, type Release, type ReleasePhase, unobserved } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { agentDeployments, modelProviders, releases } from '../resources.ts';
import { faultsOf, type KStatus, kstatusOf } from '../conditions/testing/kstatus.ts';
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

/** The same of a release, which is a record of one attempt: only what brought its revision out, and was not taken back, is Current. */
const meaningOfRelease: Readonly<Record<ReleasePhase, KStatus>> = {
  Preparing: 'InProgress', Evaluating: 'InProgress', Shifting: 'InProgress', AwaitingApproval: 'InProgress', Promoting: 'InProgress', Promoted: 'Current',
  Held: 'InProgress', Paused: 'InProgress', RollingBack: 'InProgress', RolledBack: 'Failed', Superseded: 'Failed', Aborted: 'Failed',
};

/** Follows one agent and checks each status that is stored. */
class Watcher {
  readonly world: World;
  readonly seen = new Map<AgentPhase, Set<KStatus>>();
  readonly seenOfReleases = new Map<ReleasePhase, Set<KStatus>>();
  #last: AgentDeployment | undefined;
  readonly #lastOfReleases = new Map<string, Release>();

  constructor(options: WorldOptions = {}) {
    this.world = new World(options);
  }

  edit(change: (spec: AgentDeployment['spec']) => AgentDeployment['spec']): void {
    const changed: AgentDeployment = { ...this.world.agent, spec: change(this.world.agent.spec) };
    this.world.cluster.put(agentDeployments, changed);
    if (changed.status !== undefined) expect(kstatusOf(this.world.agent), 'a spec that nobody has looked at is not Current').toBe('InProgress');
  }

  async look(): Promise<void> {
    await this.world.reconcile();
    this.#check();
    this.#checkReleases();
  }

  /** What was seen of releases is not compared with what comes. */
  forget(): void {
    this.#lastOfReleases.clear();
  }

  /** Looks, and the writes of Releases that they cost. */
  async writesIn(looks: number): Promise<number> {
    let writes = 0;
    this.world.cluster.onWrite = (_verb, { kind }) => { writes += kind === 'Release' ? 1 : 0; };
    for (let look = 0; look < looks; look += 1) await this.look();
    this.world.cluster.onWrite = undefined;
    return writes;
  }

  async until(phase: AgentPhase, rounds = 120): Promise<void> {
    for (let round = 0; round < rounds; round += 1) {
      await this.look();
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
    expect(faultsOf(agent, this.#last), status.phase).toEqual([]);
    expect(status.conditions?.map(({ type }) => type)).toContain('Available');
    this.#last = agent;
  }

  #checkReleases(): void {
    for (const release of this.world.releases) {
      const { metadata: { name }, status } = release;
      const found = kstatusOf(release);
      // Until its status is stored, a new one has what the API server gives it.
      if (status?.phase === undefined) {
        expect(kstatusOf({ ...release, status: { ...unobserved, ...status } }), `${name} is new`).toBe('InProgress');
        continue;
      }
      expect(found, `${name} is ${status.phase}: ${JSON.stringify(status.conditions)}`).toBe(status.undoTo === undefined ? meaningOfRelease[status.phase] : 'Failed');
      expect(faultsOf(release, this.#lastOfReleases.get(name)), `${name} is ${status.phase}`).toEqual([]);
      this.seenOfReleases.set(status.phase, (this.seenOfReleases.get(status.phase) ?? new Set()).add(found));
      this.#lastOfReleases.set(name, release);
    }
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
    expect([...watcher.seenOfReleases.keys()].toSorted()).toEqual(['Evaluating', 'Promoted', 'Promoting', 'RolledBack', 'RollingBack', 'Shifting']);
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

describe('what kstatus makes of a release', { timeout: 120_000 }, () => {
  it('is Failed when a person took it back, or another took its place, and InProgress while a person is asked or an intent has no answer', async () => {
    const watcher = new Watcher();
    const { world } = watcher;
    const wish = async (verb: 'Pause' | 'Resume' | 'Abort' | 'Undo'): Promise<void> => {
      const { metadata: { name } } = world.releases.at(-1)!;
      world.wish(verb, world.releases.at(-1)!);
      expect(kstatusOf(world.releases.at(-1)!), `${verb} is asked`).toBe('InProgress');
      for (let look = 0; look < 3; look += 1) await watcher.look();
      expect(world.releases.find(({ metadata }) => metadata.name === name)?.status?.handledIntent).toMatchObject({ verb, outcome: 'Accepted' });
    };
    const release = async (prompt: string): Promise<void> => {
      const { length } = world.releases;
      world.ask(prompt);
      for (let look = 0; look < 10 && (world.releases.length === length || world.releases.at(-1)?.status?.phase === undefined); look += 1) await watcher.look();
    };
    world.ask('good 1');
    await watcher.until('Healthy');
    await release('good 2');
    await wish('Pause');
    await wish('Resume');
    await release('good 3');
    await wish('Abort');
    await watcher.until('Degraded');
    world.ask('good 4');
    await watcher.until('Healthy');
    await wish('Undo');
    await watcher.until('Degraded');
    expect(world.releases.map(({ status, ...of }) => [status?.phase, status?.undoTo === undefined ? '' : 'undone', kstatusOf({ ...of, status })].join(' ').trim())).toEqual([
      'Promoted  Current', 'Superseded  Failed', 'Aborted  Failed', 'Promoted undone Failed', 'Promoted  Current',
    ]);
    expect([...watcher.seenOfReleases.keys()]).toEqual(expect.arrayContaining(['Paused', 'Superseded', 'Aborted']));
  });

  it('is what it was when its intent is written otherwise or taken away after its end: one write, and nobody waits for ever', async () => {
    const watcher = new Watcher();
    const { world } = watcher;
    world.ask('good 1');
    await watcher.until('Healthy');
    const { spec: { intent: _none, ...spec }, ...release } = world.releases[0]!;
    const intent = { verb: 'Pause', revision: spec.revision, requestId: 'late' } as const;
    const wishes: readonly (readonly [Release['spec'], number])[] = [[{ ...spec, intent }, 1], [{ ...spec, intent: { ...intent, note: 'again' } }, 1], [spec, 1], [spec, 0]];
    for (const [changed, writes] of wishes) {
      const { metadata, status } = world.releases[0]!;
      world.cluster.put(releases, { ...release, metadata, spec: changed, ...(status === undefined ? {} : { status }) } as Release);
      expect(await watcher.writesIn(3), JSON.stringify(changed.intent)).toBe(writes);
      expect(kstatusOf(world.releases[0]!)).toBe('Current');
    }
  });

  it('is told of a release that an older operator has on its way, by one write more', async () => {
    const watcher = new Watcher({ rollout: { approval: { policy: 'Required', timeout: '24h', onTimeout: 'RollBack' } } });
    const { world } = watcher;
    world.ask('good 1');
    await watcher.until('Paused');
    const { status: { conditions: _unknown, observedGeneration: _untold, ...status } = {}, ...release } = world.releases[0]!;
    world.cluster.put(releases, { ...release, status });
    expect(kstatusOf(world.releases[0]!), 'as it was with that operator').toBe('Current');
    watcher.forget();
    expect(await watcher.writesIn(3)).toBe(1);
    expect(kstatusOf(world.releases[0]!)).toBe('InProgress');
  });
});
