import { describe, expect, it } from 'vitest';
import { graceMs } from './revisions/policies.ts';
import { World } from './testing/world.ts';

const steps = [{ weight: 20, duration: '5s' }, { weight: 50, duration: '5s' }];

/** Writes by verb and kind. */
class Counted {
  readonly world = new World({ steps, rollout: { gates: {} }, changes: 'Settle' });
  #counts = new Map<string, number>();

  constructor() {
    this.world.cluster.onWrite = (verb, { kind }) => void this.#counts.set(`${verb} ${kind}`, (this.#counts.get(`${verb} ${kind}`) ?? 0) + 1);
  }

  /** Until nothing is left to do, and no status is late any more; half of the missing pods become ready in each second. */
  async settle(): Promise<Record<string, number>> {
    this.#counts = new Map();
    for (let writes = -1, quiet = 0; quiet < 22; quiet = writes === this.world.cluster.writes ? quiet + 1 : 0) {
      writes = this.world.cluster.writes;
      await this.world.reconcile();
      this.world.pass(1_000, 0.5);
    }
    return Object.fromEntries(this.#counts);
  }
}

async function serving(): Promise<{ readonly counted: Counted; readonly creation: Record<string, number> }> {
  const counted = new Counted();
  counted.world.ask('good 1');
  return { counted, creation: await counted.settle() };
}

/**
 * docs/scaling.md, "What an agent costs": a write more is paid by every release of every agent. The first counts of the first step of the Release
 * are written too: these pods have metrics.
 */
describe('what an agent costs in writes', () => {
  it('its creation', async () => {
    const { creation } = await serving();
    expect(creation).toEqual({
      'create ConfigMap': 1, 'create Deployment': 1, 'create NetworkPolicy': 1, 'create PodDisruptionBudget': 1, 'create Release': 1, 'create Service': 1, 'create ServiceAccount': 1,
      'status AgentDeployment': 1, 'status Release': 1,
    });
  });

  it('a release of two steps', async () => {
    const { counted } = await serving();
    counted.world.ask('good 2');
    expect(await counted.settle()).toEqual({
      'create ConfigMap': 1, 'create Deployment': 1, 'create Release': 1, 'delete Deployment': 1, 'jsonPatch Deployment': 1,
      'status AgentDeployment': 3, 'status Release': 4 + steps.length,
    });
  });

  it('a release with other rules of the network: their policies, and the old pods are gone before theirs', async () => {
    const { counted } = await serving();
    counted.world.ask('good 2');
    counted.world.connect([{ cidr: '10.1.0.0/16', ports: [8443] }]);
    const release = await counted.settle();
    expect(release).toMatchObject({ 'create NetworkPolicy': 1, 'delete Deployment': 1, 'jsonPatch Deployment': 2 });
    expect(release).not.toHaveProperty('delete NetworkPolicy');
    counted.world.pass(graceMs);
    expect(await counted.settle(), 'and theirs goes a while after them').toEqual({ 'delete NetworkPolicy': 1 });
  });

  it('nothing at all where nothing changes', async () => {
    const { counted } = await serving();
    expect(await counted.settle()).toEqual({});
  });
});
