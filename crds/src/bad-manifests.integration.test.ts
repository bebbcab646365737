import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { untold } from './agent-deployment/status.ts';
import { unobserved } from './conditions.ts';
import { definitions } from './definitions.ts';
import { ApiServer, type Answer } from './fixtures/api-server.ts';
import { badAgents } from './fixtures/bad-agents.ts';
import { badChanges, badOthers } from './fixtures/bad-others.ts';
import { badRollouts } from './fixtures/bad-rollouts.ts';
import { badServers } from './fixtures/bad-servers.ts';
import { goodManifests, release, run, smallAgent } from './fixtures/good-manifests.ts';
import { changed, type Manifest } from './fixtures/manifest.ts';

const namespace = `sluice-crds-${randomUUID().slice(0, 8)}`;
/** Where nothing exists that a manifest could collide with. */
const emptyNamespace = `${namespace}-empty`;
const manifestFolder = fileURLToPath(new URL('../manifests', import.meta.url));
const plurals = definitions.map((definition) => definition.plural);

let server: ApiServer;

function pluralOf({ kind }: Manifest): string {
  return definitions.find((definition) => definition.kind === kind)?.plural ?? kind;
}

function create(manifest: Manifest): Promise<Answer> {
  return server.dryRunCreate(emptyNamespace, pluralOf(manifest), manifest);
}

function replace(manifest: Manifest): Promise<Answer> {
  return server.dryRunReplaceSpec(namespace, pluralOf(manifest), manifest);
}

beforeAll(async () => {
  server = await ApiServer.connect(process.env);
  await server.kubectl(['apply', '-f', manifestFolder]);
  await server.kubectl(['wait', '--for=condition=Established', '--timeout=30s', ...plurals.map((plural) => `crd/${plural}.sluice.dev`)]);
  for (const name of [namespace, emptyNamespace]) await server.kubectl(['create', 'namespace', name]);
  const existing = [smallAgent, ...new Set(badChanges.map(({ before }) => before))];
  await server.kubectl(['apply', '--namespace', namespace, '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: existing }));
  // the objects go at once; a namespace needs a controller to go, which a bare API server lacks
  return async () => {
    await server.kubectl(['delete', 'sluice', '--all', '--namespace', namespace]);
    await server.kubectl(['delete', 'namespace', namespace, emptyNamespace, '--wait=false']);
  };
});

afterAll(() => server?.close());

it('a new agent says itself that nobody has told anything of it, so it is not taken for one that is as its spec says', async () => {
  const { metadata, status } = JSON.parse(await server.kubectl(['get', 'agentdeployments', smallAgent.metadata.name, '--namespace', namespace, '--output', 'json'])) as { readonly metadata: { readonly generation: number }; readonly status: object };
  expect(status).toEqual(untold);
  expect(untold.observedGeneration).toBeLessThan(metadata.generation);
});

it.each([release, run])('a new $kind is on its way before anybody has looked at it, by what the API server gives it', async ({ kind, ...manifest }) => {
  const name = `new-${kind.toLowerCase()}`;
  await server.kubectl(['apply', '--namespace', namespace, '-f', '-'], JSON.stringify({ ...manifest, kind, metadata: { name } }));
  const { metadata, status } = JSON.parse(await server.kubectl(['get', kind, name, '--namespace', namespace, '--output', 'json'])) as { readonly metadata: { readonly generation: number }; readonly status: object };
  expect(status).toEqual(unobserved);
  expect(unobserved.observedGeneration).toBeLessThan(metadata.generation);
});

it('an EvalSuite that is applied again as it was is unchanged, with every default left out', async () => {
  const expectation = { mustCite: {}, similarTo: { texts: ['two years'] }, judge: { rubric: 'Says how long the warranty is.' }, contains: ['two years'] };
  const judge = { model: 'judge', examples: [{ input: 'How long?', answer: 'Two years.', rubric: 'Says it.', label: 'Pass' }] };
  const suite = { apiVersion: 'sluice.dev/v1alpha1', kind: 'EvalSuite', metadata: { name: 'again' }, spec: { cases: [{ name: 'warranty', input: { text: 'How long is the warranty?' }, expect: expectation }], judge } };
  const apply = () => server.kubectl(['apply', '--namespace', namespace, '-f', '-'], JSON.stringify(suite));
  expect([await apply(), await apply()].map((said) => said.trim())).toEqual(['evalsuite.sluice.dev/again created', 'evalsuite.sluice.dev/again unchanged']);
});

describe('a good manifest is accepted', () => {
  it.each(goodManifests)('$title', async ({ manifest }) => {
    expect(await create(manifest)).toMatchObject({ status: 201, message: '' });
  });
});

describe('a bad manifest is refused with the field and the fix', () => {
  it.each([...badAgents, ...badServers, ...badRollouts, ...badOthers])('$manifest.kind: $title', async ({ manifest, says }) => {
    const { status, message } = await create(manifest);
    expect([400, 422], message).toContain(status);
    for (const part of says) expect(message).toContain(part);
  });
});

describe('a record cannot be changed', () => {
  it.each(badChanges)('$manifest.kind: $title', async ({ manifest, says }) => {
    const { status, message } = await replace(manifest);
    expect(status, message).toBe(422);
    for (const part of says) expect(message).toContain(part);
  });

  it('can be written again as it is', async () => {
    for (const { before } of badChanges) expect(await replace(before)).toMatchObject({ status: 200, message: '' });
  });
});

describe('the API server', () => {
  it.each(plurals)('says that the schema of %s is structural', async (plural) => {
    const crd = await server.kubectl(['get', 'crd', `${plural}.sluice.dev`, '-o', 'jsonpath={range .status.conditions[*]}{.type}={.status} {end}']);
    expect(crd).toContain('Established=True');
    expect(crd).not.toContain('NonStructuralSchema');
  });

  it('explains the fields', async () => {
    const explanation = await server.kubectl(['explain', 'agentdeployments.spec.rollout.steps.weight']);
    expect(explanation).toContain('Percent of the traffic that the new revision takes in this step');
  });

  it('fills in the defaults that the reference names', async () => {
    const { object } = await create(changed(smallAgent, { 'metadata.name': 'defaults', 'spec.rollout': {} }));
    expect(object).toMatchObject({ spec: { rollout: { maxDuration: '1h', progressDeadline: '5m', historyLimit: 10 } } });
  });

  it('shows kubectl apply the same sentence', async () => {
    const [bad] = badAgents;
    await expect(server.kubectl(['apply', '--namespace', namespace, '--dry-run=server', '-f', '-'], JSON.stringify(bad?.manifest))).rejects.toThrow(bad?.says[0]);
  });
});

describe('an agent that exists', () => {
  const agent = ['--namespace', namespace, 'agd/support'] as const;
  const revision = { weight: 80, actualWeight: 75, replicas: 3, readyReplicas: 3 };
  const status = {
    phase: 'Progressing',
    message: 'canary 5e6f waits for requests',
    replicas: 4,
    selector: 'app=support',
    stable: { ...revision, revision: '1a2b' },
    canary: { ...revision, revision: '5e6f', actualWeight: 25 },
    release: { name: 'support-5e6f', phase: 'Shifting' },
  };

  beforeAll(() => server.kubectl(['patch', ...agent, '--subresource=status', '--type=merge', '-p', JSON.stringify({ status })]));

  it('says in one line what is live, what is going out and why it waits', async () => {
    const [header, row] = (await server.kubectl(['get', ...agent])).split('\n');
    expect(header?.split(/\s+/)).toEqual(['NAME', 'PHASE', 'READY', 'STABLE', 'CANARY', 'WEIGHT', 'RELEASE', 'AGE', 'MESSAGE']);
    expect(row).toMatch(/^support +Progressing +3 +1a2b +5e6f +25 +Shifting +\S+ +canary 5e6f waits for requests$/);
  });

  it('is scaled by kubectl scale', async () => {
    await server.kubectl(['scale', ...agent, '--replicas=5']);
    expect(await server.kubectl(['get', ...agent, '-o', 'jsonpath={.spec.replicas}'])).toBe('5');
    expect(JSON.parse(await server.kubectl(['get', ...agent, '--subresource=scale', '-o', 'json']))).toMatchObject({ status: { replicas: 4, selector: 'app=support' } });
  });

  it('is listed with everything else of the group', async () => {
    expect(await server.kubectl(['get', 'sluice', '--namespace', namespace, '-o', 'name'])).toContain('agentdeployment.sluice.dev/support');
  });
});
