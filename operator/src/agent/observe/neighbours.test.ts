import type { ModelProvider, RolloutSpec } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { modelProviders } from '../../resources.ts';
import { sampleProvider } from '../../revision/testing/sample-agent.ts';
import { World } from '../testing/world.ts';

const provider = sampleProvider();
const moved: ModelProvider = { ...provider, metadata: { ...provider.metadata, namespace: 'demo' }, spec: { ...provider.spec, endpoint: 'https://other.example.com' } };
const steps = [{ weight: 34, duration: '30s' }] as const;

/** `support` depends on `billing`; both use the same provider, and each its own ConfigMap. */
class Pair {
  readonly billing = new World({ name: 'billing', rollout: { gates: {} }, steps, template: settings('billing') });
  readonly support: World;

  constructor(rollout: Partial<RolloutSpec> = {}) {
    this.support = new World({ name: 'support', beside: this.billing, rollout: { gates: {}, dependsOn: [{ name: 'billing' }], ...rollout }, steps, template: settings('billing') });
  }

  async serve(): Promise<void> {
    this.configure('one');
    this.billing.ask('good 1');
    this.support.ask('good 1');
    for (let look = 0; look < 60; look += 1) await this.look();
    expect([this.billing, this.support].map(({ releases }) => releases.map(({ status }) => status?.phase).join())).toEqual(['Promoted', 'Promoted']);
  }

  configure(text: string): void {
    this.billing.putConfigMap('billing', { data: { TEXT: text } });
  }

  /** The one that waits is the first in the queue. */
  async look(): Promise<void> {
    await this.support.reconcile();
    this.support.pass(0);
    await this.billing.reconcile();
    this.billing.pass(3_000);
    this.support.now = this.billing.now;
  }

  get waiting(): string {
    const { spec, status } = this.support.releases.at(-1)!;
    return `${status?.phase} with ${this.support.deployments.filter(({ metadata }) => metadata.name.endsWith(spec.revision)).reduce((pods, deployment) => pods + (deployment.spec.replicas ?? 0), 0)} pods`;
  }

  /** Looks until the release of `support` has users, and says for each what `billing` was then. */
  async untilBothArePromoted(): Promise<readonly string[]> {
    const seen: string[] = [];
    for (let look = 0; look < 80; look += 1) {
      await this.look();
      const changed = this.billing.releases.at(-1)?.status?.phase;
      if (this.billing.releases.length < 2 || changed !== 'Promoted') seen.push(this.waiting);
    }
    expect(this.support.releases.at(-1)?.status?.phase).toBe('Promoted');
    return seen;
  }
}

function settings(name: string) {
  return { spec: { containers: [{ name: 'agent', envFrom: [{ configMapRef: { name } }] }] } };
}

describe('one change that makes another revision of an agent and of one that depends on it', () => {
  const changes: readonly (readonly [string, (pair: Pair) => void])[] = [
    ['a ConfigMap that both use', (pair) => pair.configure('two')],
    ['the ModelProvider that both use', ({ billing }) => billing.cluster.put(modelProviders, moved)],
    ['a ConfigMap of the one and the spec of the other', (pair) => { pair.configure('two'); pair.support.ask('good 2'); }],
  ];
  it.each(changes)('%s: the second has no pod before the first is promoted', async (_name, change) => {
    const pair = new Pair();
    await pair.serve();
    change(pair);
    await pair.support.reconcile();
    await pair.support.reconcile();
    expect(pair.waiting, 'though nobody has looked at the first').toBe('Held with 0 pods');
    const seen = await pair.untilBothArePromoted();
    expect(new Set(seen)).toEqual(new Set(['Held with 0 pods']));
  });
});

describe('a change of what an agent depends on, once its own release has begun', () => {
  it('comes before it as long as it has met no user', async () => {
    const pair = new Pair();
    await pair.serve();
    pair.support.ask('good 2');
    await pair.support.reconcile();
    await pair.support.reconcile();
    expect(pair.support.releases.at(-1)?.status?.phase).toBe('Shifting');
    pair.billing.ask('good 2');
    await pair.support.reconcile();
    await pair.support.reconcile();
    expect(pair.waiting).toBe('Held with 0 pods');
    await pair.untilBothArePromoted();
  });

  it('is another change once it has', async () => {
    const pair = new Pair();
    await pair.serve();
    pair.support.ask('good 2');
    for (let look = 0; look < 4; look += 1) await pair.look();
    expect(pair.support.releases.at(-1)?.status?.stepStartedAt).toBeDefined();
    pair.billing.ask('good 2');
    await pair.support.reconcile();
    expect(pair.support.releases.at(-1)?.status?.phase).toBe('Shifting');
  });
});

describe('a suspended agent', () => {
  it('whose old pods still answer is not promoted for those who depend on it, whatever its conditions say', async () => {
    const pair = new Pair();
    await pair.serve();
    pair.billing.ask('good 2');
    let looks = 0;
    for (; looks < 60 && !(pair.billing.releases.length === 2 && pair.billing.releases[1]?.status?.phase === 'Promoted'); looks += 1) {
      await pair.billing.reconcile();
      pair.billing.pass(1_000, 0.4);
    }
    pair.billing.edit({ suspend: true });
    await pair.billing.reconcile();
    expect(pair.billing.agent.status?.phase).toBe('Suspended');
    pair.support.now = pair.billing.now;
    pair.support.ask('good 2');
    await pair.support.reconcile();
    await pair.support.reconcile();
    expect(pair.support.releases.at(-1)?.status).toMatchObject({ phase: 'Held', message: expect.stringContaining('pods of an older revision still answer') as string });
  });
});
