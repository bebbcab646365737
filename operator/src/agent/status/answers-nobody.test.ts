import type { AgentDeploymentSpec } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { sampleRecord } from '../../revision/testing/sample-agent.ts';
import { World } from '../testing/world.ts';
import { answersNobody } from './answers-nobody.ts';

type Parts = NonNullable<Parameters<typeof sampleRecord>[0]>;

function told(spec: Parts['spec'] = {}): string[] {
  const record = sampleRecord({ spec });
  return answersNobody({ records: new Map([[record.revision, record]]) }, { stableRevision: record.revision }).map(({ type, reason, message }) => `${type} ${reason} ${message.replace(record.revision, 'R')}`);
}

const byHand = (container: object): Parts['spec'] => ({ template: { spec: { containers: [{ name: 'agent', ...container }] } } });

describe('an agent that answers nobody', () => {
  it('is told of what serves', () => {
    expect(told()).toEqual([
      'AnswersNobody AccessNotSet Nothing says who may ask revision R, so it answers nobody (401, access-not-set), or, with an image from before SLUICE_ANONYMOUS_ACCESS, everybody, because spec.access is not set: name callers by its keysSecretRef, issuers or serviceAccounts, or, where a gateway or a NetworkPolicy guards it, set spec.access.anonymous to Allowed',
    ]);
  });

  it('is not yet one while nothing serves, or what serves is not known', () => {
    const record = sampleRecord();
    expect(answersNobody({ records: new Map([[record.revision, record]]) }, {})).toEqual([]);
    expect(answersNobody({ records: new Map() }, { stableRevision: record.revision })).toEqual([]);
  });

  it.each<[string, Parts['spec']]>([
    ['everybody may ask', { access: { anonymous: 'Allowed' } }],
    ['keys are named', { access: { keysSecretRef: { name: 'k', key: 'access.json' } } }],
    ['an issuer is named', { access: { issuers: [{ issuer: 'https://id.example.com', audience: 'a', jwksUri: 'https://id.example.com/jwks' }] } }],
    ['ServiceAccounts are named', { access: { serviceAccounts: { accounts: [{ namespace: 'shop' }] } } }],
    ['a variable says it by hand', byHand({ env: [{ name: 'SLUICE_ACCESS_FILE', value: '/keys.json' }] })],
    ['variables come from somewhere else', byHand({ envFrom: [{ secretRef: { name: 'settings' } }] })],
  ])('is none where %s', (_, spec) => {
    expect(told(spec)).toEqual([]);
  });

  it('is one where its template says something else', () => {
    expect(told(byHand({ env: [{ name: 'LOG_LEVEL', value: 'debug' }] }))).toHaveLength(1);
  });
});

async function served(access: Pick<AgentDeploymentSpec, 'access'>): Promise<{ readonly writes: number; readonly told: boolean }> {
  const world = new World();
  world.ask('good 1');
  world.edit(access);
  for (let round = 0; round < 120 && (world.agent.status?.phase !== 'Healthy' || world.statusIsLate); round += 1) {
    await world.reconcile();
    world.pass(5_000, 0.5);
  }
  expect(world.agent.status?.phase).toBe('Healthy');
  return { writes: world.cluster.writes, told: world.agent.status?.conditions?.some(({ type }) => type === 'AnswersNobody') === true };
}

it('costs no write beyond those of the release', async () => {
  const open = await served({ access: { anonymous: 'Allowed' } });
  expect(await served({})).toEqual({ ...open, told: true });
  expect(open.told).toBe(false);
});
