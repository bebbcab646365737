import { expect, it } from 'vitest';
import { agentDeployments } from '../resources.ts';
import { World } from './testing/world.ts';

it('takes an agent that is deleted while its plan is written for done', async () => {
  const world = new World();
  world.ask('good 1');
  const { namespace = '', name } = world.agent.metadata;
  world.cluster.onWrite = (verb, { kind }) => {
    if (verb === 'status' && kind === 'AgentDeployment') world.cluster.remove(agentDeployments, { namespace, name });
  };
  expect(await world.reconcile()).toBe('done');
  expect(world.cluster.list('AgentDeployment')).toEqual([]);
});
