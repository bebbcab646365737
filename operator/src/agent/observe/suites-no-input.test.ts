import type { EvalSuite } from '@sluice/crds';
import { expect, it } from 'vitest';
import { evalSuites } from '../../resources.ts';
import { World } from '../testing/world.ts';

it('a changed EvalSuite that a gate names leaves the digest alone and begins no release', async () => {
  const world = new World();
  const looks = async (times: number): Promise<void> => {
    for (let look = 0; look < times; look += 1) {
      await world.reconcile();
      world.pass(5_000);
    }
  };
  world.ask('good 1');
  await looks(20);
  const { revision } = world.agent.status ?? {};
  expect(world.releases.map(({ status }) => status?.phase)).toEqual(['Promoted']);
  const suite = world.cluster.find(evalSuites, { namespace: 'demo', name: 'golden' }) as EvalSuite;
  world.cluster.put(evalSuites, { ...suite, spec: { cases: [{ name: 'new', input: 'hello' }] } } as unknown as EvalSuite);
  world.restart();
  await looks(5);
  expect(world.agent.status?.revision).toBe(revision);
  expect(world.releases).toHaveLength(1);
});
