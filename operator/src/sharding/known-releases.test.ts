import { type AgentDeployment, type AgentDeploymentStatus, untold } from '@sluice/crds';
import type { ResourceType } from '@sluice/kube';
import { describe, expect, it } from 'vitest';
import { sampleAgent } from '../revision/testing/sample-agent.ts';
import { unseenReleases } from './known-releases.ts';

const { signal } = new AbortController();
const stable = { revision: 'abc', weight: 100, actualWeight: 100, replicas: 2, readyReplicas: 2 };
const named: AgentDeploymentStatus = { stable, release: { name: 'support-4', phase: 'Aborted' } };

interface Stored {
  readonly name: string;
  readonly shard?: string;
  readonly owner?: string;
}

/** An agent of the shard blue; `cached` and `live` are its Releases. */
async function look(status: AgentDeploymentStatus | undefined, { cached = [], live = [] }: { readonly cached?: readonly string[]; readonly live?: readonly Stored[] }) {
  const sample = sampleAgent();
  const agent = { ...sample, metadata: { ...sample.metadata, uid: 'uid-1', labels: { 'sluice.dev/shard': 'blue' } }, ...(status === undefined ? {} : { status }) } as AgentDeployment;
  const release = ({ name, shard = 'blue', owner = 'uid-1' }: Stored) =>
    ({ kind: 'Release', metadata: { namespace: agent.metadata.namespace, name, labels: { 'sluice.dev/shard': shard }, ownerReferences: [{ kind: 'AgentDeployment', name: agent.metadata.name, uid: owner, controller: true }] } });
  const known = cached.map((name) => release({ name }));
  const asked: string[] = [];
  const client = { list: async ({ plural }: ResourceType) => {
    asked.push(plural);
    return { items: live.map(release) };
  } };
  return { unseen: await unseenReleases(agent, known as never, { client } as never, { signal }), asked };
}

describe('Releases that a look has not seen', () => {
  it.each<[string, AgentDeploymentStatus | undefined, readonly string[]]>([
    ['a new agent', undefined, []],
    ['one that was never released', { phase: 'Pending' }, []],
    ['one whose latest Release is there', named, ['support-3', 'support-4']],
    ['one that serves, and whose latest Release has just been made', { stable }, ['support-1', 'support-2']],
  ])('are not asked for: %s', async (_, status, cached) => {
    expect(await look(status, { cached, live: [{ name: 'support-9', shard: 'red' }] })).toEqual({ unseen: 'None', asked: [] });
  });

  it.each<[string, AgentDeploymentStatus, readonly string[]]>([
    ['its status names one', { release: { name: 'support-4', phase: 'Aborted' } }, []],
    ['its status names one, and others are seen', named, ['support-3']],
    ['a revision serves, and none is seen', { stable }, []],
    ['nobody has told anything of it, so it may come from where there is no shard', untold, []],
  ])('are asked for once: %s', async (_, status, cached) => {
    expect(await look(status, { cached, live: [{ name: 'support-4', shard: 'red' }] })).toEqual({ unseen: 'Elsewhere', asked: ['releases'] });
  });

  it.each<[string, readonly Stored[], string]>([
    ['of this shard: the cache is late', [{ name: 'support-4' }], 'Late'],
    ['of another shard', [{ name: 'support-3' }, { name: 'support-4', shard: 'red' }], 'Elsewhere'],
    ['somebody deleted them', [], 'None'],
    ['of a deleted agent of the same name', [{ name: 'support-4', shard: 'red', owner: 'uid-0' }], 'None'],
  ])('%s', async (_, live, expected) => {
    expect((await look(named, { live })).unseen).toBe(expected);
  });

  it('those that are seen are not missing, whatever the status names', async () => {
    expect((await look(named, { cached: ['support-3'], live: [{ name: 'support-3' }] })).unseen).toBe('None');
  });
});
