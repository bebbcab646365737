import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { definitions } from './definitions.ts';
import { badAgents } from './fixtures/bad-agents.ts';
import { badChanges, badOthers } from './fixtures/bad-others.ts';
import { badRollouts } from './fixtures/bad-rollouts.ts';
import { goodManifests, smallAgent } from './fixtures/good-manifests.ts';
import type { Manifest } from './fixtures/manifest.ts';

interface Outcome {
  readonly exitCode: number;
  readonly output: string;
}

const namespace = `sluice-crds-${randomUUID().slice(0, 8)}`;
const kubeconfig = process.env['SLUICE_TEST_KUBECONFIG'];
const manifestFolder = fileURLToPath(new URL('../manifests', import.meta.url));
const plurals = definitions.map((definition) => definition.plural);

function kubectl(args: readonly string[], input = ''): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const command = process.env['KUBECTL'] ?? 'kubectl';
  const child = execFile(command, ['--kubeconfig', kubeconfig ?? '', '--request-timeout=20s', ...args], { timeout: 40_000 }, (error, stdout, stderr) => {
    resolve({ exitCode: error === null ? 0 : typeof error.code === 'number' ? error.code : 1, output: `${stdout}${stderr}${child.exitCode === null ? (error?.message ?? '') : ''}` });
  });
  child.stdin?.end(input);
  return promise;
}

async function succeed(args: readonly string[], input?: string): Promise<string> {
  const { exitCode, output } = await kubectl(args, input);
  if (exitCode !== 0) throw new Error(`kubectl ${args.join(' ')} failed: ${output}`);
  return output;
}

function dryRun(manifest: Manifest): Promise<Outcome> {
  return kubectl(['apply', '--namespace', namespace, '--dry-run=server', '-f', '-'], JSON.stringify(manifest));
}

beforeAll(async () => {
  if (kubeconfig === undefined) {
    throw new Error('SLUICE_TEST_KUBECONFIG is not set: these tests need a real API server; run ./hack/test, or name the kubeconfig of one');
  }
  await succeed(['apply', '-f', manifestFolder]);
  await succeed(['wait', '--for=condition=Established', '--timeout=30s', ...plurals.map((plural) => `crd/${plural}.sluice.dev`)]);
  await succeed(['create', 'namespace', namespace]);
  for (const manifest of new Set(badChanges.map(({ before }) => before))) {
    await succeed(['apply', '--namespace', namespace, '-f', '-'], JSON.stringify(manifest));
  }
});

afterAll(async () => {
  if (kubeconfig !== undefined) await kubectl(['delete', 'namespace', namespace, '--wait=false']);
});

describe('a good manifest is accepted', () => {
  it.each(goodManifests)('$title', async ({ manifest }) => {
    expect(await dryRun(manifest)).toMatchObject({ exitCode: 0 });
  });
});

describe('a bad manifest is refused with the field and the fix', () => {
  it.each([...badAgents, ...badRollouts, ...badOthers])('$manifest.kind: $title', async ({ manifest, says }) => {
    const { exitCode, output } = await dryRun(manifest);
    expect(exitCode, output).toBe(1);
    for (const part of says) expect(output).toContain(part);
  });
});

describe('a record cannot be changed', () => {
  it.each(badChanges)('$manifest.kind: $title', async ({ manifest, says }) => {
    const { exitCode, output } = await dryRun(manifest);
    expect(exitCode, output).toBe(1);
    for (const part of says) expect(output).toContain(part);
  });

  it('can be applied again as it is', async () => {
    for (const { before } of badChanges) expect(await dryRun(before)).toMatchObject({ exitCode: 0 });
  });
});

describe('the API server', () => {
  it.each(plurals)('says that the schema of %s is structural', async (plural) => {
    const crd: unknown = JSON.parse(await succeed(['get', 'crd', `${plural}.sluice.dev`, '-o', 'json']));
    expect(crd).toMatchObject({ status: { conditions: expect.arrayContaining([expect.objectContaining({ type: 'Established', status: 'True' })]) as unknown } });
    expect(JSON.stringify(crd)).not.toContain('NonStructuralSchema');
  });

  it('explains the fields', async () => {
    const explanation = await succeed(['explain', 'agentdeployments.spec.rollout.steps.weight']);
    expect(explanation).toContain('Percent of the traffic that the new revision takes in this step');
  });

  it('fills in the defaults that the reference names', async () => {
    const outcome = await kubectl(['apply', '--namespace', namespace, '--dry-run=server', '-o', 'json', '-f', '-'], JSON.stringify(goodManifests.find(({ title }) => title === 'a rollout with defaults only')?.manifest));
    expect(JSON.parse(outcome.output)).toMatchObject({ spec: { rollout: { maxDuration: '1h', progressDeadline: '5m', historyLimit: 10 } } });
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

  beforeAll(async () => {
    await succeed(['apply', '--namespace', namespace, '-f', '-'], JSON.stringify(smallAgent));
    await succeed(['patch', ...agent, '--subresource=status', '--type=merge', '-p', JSON.stringify({ status })]);
  });

  it('says in one line what is live, what is going out and why it waits', async () => {
    const [header, row] = (await succeed(['get', ...agent])).split('\n');
    expect(header?.split(/\s+/)).toEqual(['NAME', 'PHASE', 'READY', 'STABLE', 'CANARY', 'WEIGHT', 'RELEASE', 'AGE', 'MESSAGE']);
    expect(row).toMatch(/^support +Progressing +3 +1a2b +5e6f +25 +Shifting +\S+ +canary 5e6f waits for requests$/);
  });

  it('is scaled by kubectl scale', async () => {
    await succeed(['scale', ...agent, '--replicas=5']);
    expect(await succeed(['get', ...agent, '-o', 'jsonpath={.spec.replicas}'])).toBe('5');
    expect(JSON.parse(await succeed(['get', ...agent, '--subresource=scale', '-o', 'json']))).toMatchObject({ status: { replicas: 4, selector: 'app=support' } });
  });

  it('is listed with everything else of the group', async () => {
    expect(await succeed(['get', 'sluice', '--namespace', namespace, '-o', 'name'])).toContain('agentdeployment.sluice.dev/support');
  });
});
