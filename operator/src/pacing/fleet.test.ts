import { expect, it } from 'vitest';
import { World } from '../agent/testing/world.ts';
import { ReleaseTurns } from './release-turns.ts';

const LIMIT = 2;
const NAMES = ['a', 'b', 'c', 'd', 'e'];

/** Agents that one operator looks after, looked at in turn, each in a cluster of its own. */
class Fleet {
  readonly agents = NAMES.map((name) => new World({ name, rollout: { gates: {} } }));
  readonly turns = new ReleaseTurns({ limit: LIMIT, clock: { now: () => this.now }, wake: () => undefined });

  get now(): number {
    return Math.max(...this.agents.map(({ now }) => now));
  }

  ask(prompt: string): void {
    for (const agent of this.agents) agent.ask(prompt);
  }

  /** `pace` of the pods, as of World.pass. */
  async looks(count: number, pace: number): Promise<void> {
    for (let look = 0; look < count; look += 1) {
      for (const [index, agent] of this.agents.entries()) {
        const key = { namespace: 'fleet', name: NAMES[index] ?? '' };
        agent.turns = this.turns.takenFor(key);
        await agent.reconcile();
        this.turns.note(key, agent.standing);
      }
      for (const agent of this.agents) agent.pass(1_000, pace);
    }
  }

  get released(): number {
    return this.agents.filter(({ releases }) => releases.length > 1).length;
  }
}

it('a change of a fleet brings up the first pods of so many at once as may, and of the next when these are ready', async () => {
  const fleet = new Fleet();
  fleet.ask('good 1');
  await fleet.looks(30, 1);
  fleet.ask('good 2');
  await fleet.looks(20, 0);
  expect(fleet.released, 'no pod of a release is ready').toBe(LIMIT);
  await fleet.looks(8, 1);
  expect(fleet.released).toBeGreaterThan(LIMIT);
  await fleet.looks(200, 1);
  expect(fleet.agents.map(({ releases }) => releases.map(({ status }) => status?.phase))).toEqual(NAMES.map(() => ['Promoted', 'Promoted']));
  expect(fleet.turns.counts).toEqual({ waiting: 0, starting: 0, overdue: 0 });
});
