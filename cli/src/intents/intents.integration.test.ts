import type { Release } from '@sluice/crds';
import { releases } from '@sluice/operator/src/resources.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bindUser, install, policyKinds } from '../../../operator/src/integration/chart-objects.ts';
import { makeIdentity, type OperatorIdentity } from '../../../operator/src/integration/operator-identity.ts';
import { PlayedKubelet } from '../../../operator/src/integration/played-kubelet.ts';
import { renderFor } from '../../../operator/src/integration/rendered-chart.ts';
import { RunningOperator } from '../../../operator/src/integration/running-operator.ts';
import { Scene, stableOf } from '../../../operator/src/integration/scene.ts';
import { call, TestCluster } from '../../../operator/src/integration/test-cluster.ts';
import { RealPerson } from '../fixtures/real-person.ts';

const long = [{ weight: 50, duration: '10m' }];
const short = [{ weight: 50, duration: '2s' }];
const approval = { policy: 'Required', timeout: '1h', onTimeout: 'RollBack' } as const;
const patient = ['--timeout', '60s'] as const;

let cluster: TestCluster;
let kubelet: PlayedKubelet;
let identity: OperatorIdentity;
let operator: RunningOperator;
let deaf: Scene;
const people: RealPerson[] = [];

beforeAll(async () => {
  cluster = await TestCluster.connect(process.env);
  kubelet = PlayedKubelet.start(cluster);
  const watched = await Promise.all(['approval', 'pause', 'abort', 'rights', 'chart'].map((title) => cluster.namespace(`cli-${title}`)));
  deaf = await Scene.open(cluster, 'cli-deaf');
  identity = await makeIdentity(cluster, watched);
  operator = await RunningOperator.start(cluster, identity, 'operator-0');
});

afterAll(async () => {
  for (const person of people) await person.leave();
  await operator?.stop();
  await identity?.remove();
  await kubelet?.stop();
  await cluster?.close();
});

async function open(title: string, role: 'viewer' | 'approver' = 'approver'): Promise<{ scene: Scene; jane: RealPerson }> {
  const namespace = identity.watched.find((each) => each.includes(`cli-${title}-`));
  if (namespace === undefined) throw new Error(`no namespace for ${title}`);
  const scene = Scene.in(cluster, namespace);
  await scene.furnish();
  return { scene, jane: await introduce(namespace, role) };
}

async function introduce(namespace: string, role: 'viewer' | 'approver'): Promise<RealPerson> {
  const person = await RealPerson.introduce(cluster, namespace, role);
  people.push(person);
  return person;
}

function inFirstStep(scene: Scene, name: string): Promise<Release> {
  return scene.untilRelease(name, 'is in its first step', ({ phase, stepStartedAt }) => phase === 'Shifting' && stepStartedAt !== undefined);
}

describe.concurrent('kubectl sluice on a real API server with the real operator', { timeout: 180_000 }, () => {
  it('approves, undoes and tries again', async () => {
    const { scene, jane } = await open('approval');
    await scene.applyAgent({ prompt: 'one', steps: short });
    const first = stableOf(await scene.untilHealthy());
    await scene.applyAgent({ prompt: 'two', steps: short, approval });
    const { spec } = await scene.untilPhase('support-2', 'AwaitingApproval');
    await scene.untilAgent('it asks a person', ({ phase }) => phase === 'Paused');

    expect((await jane.says('status', 'support')).code).toBe(3);
    expect((await jane.says('explain', 'support')).stdout.replaceAll('\n', ' ')).toMatch(/^support-2 waits for a person since .*: kubectl sluice promote support approves it\..*kubectl sluice promote support -n/);
    const stale = await jane.says('promote', 'support', '--revision', first);
    expect(stale).toMatchObject({ code: 1, stderr: expect.stringContaining(`it names revision ${first}, and this release is of revision ${spec.revision}`) });
    expect(await jane.says('promote', 'support', '--note', 'looks good', ...patient)).toMatchObject({ code: 0, stdout: expect.stringContaining('support-2, revision') });
    await scene.untilPhase('support-2', 'Promoted');
    expect(stableOf(await scene.untilHealthy())).toBe(spec.revision);
    const [record] = JSON.parse((await jane.says('history', 'support', '-o', 'json')).stdout) as readonly { readonly verdict: string; readonly by: readonly object[] }[];
    expect(record).toMatchObject({ verdict: 'Promoted', by: [{ user: jane.name, did: 'Approved' }] });

    expect(await jane.says('undo', 'support', ...patient)).toMatchObject({ code: 0, stdout: expect.stringContaining(`revision ${first} takes the traffic`) });
    await scene.untilPhase('support-3', 'Promoted');
    await scene.untilDeployments({ [first]: 2 });
    expect((await jane.says('status', 'support')).code).toBe(1);
    expect((await jane.says('undo', 'support', '--to-revision', '0123456789')).stderr).toContain('Undo of support-3 is not possible');

    expect(await jane.says('retry', 'support', ...patient)).toMatchObject({ code: 0 });
    const again = await scene.untilPhase('support-4', 'AwaitingApproval');
    expect(again.spec).toMatchObject({ revision: spec.revision, cause: 'Retry', retryOf: 'support-2' });
    expect(await jane.says('promote', 'support', ...patient)).toMatchObject({ code: 0 });
    await scene.untilPhase('support-4', 'Promoted');
  });

  it('pauses, resumes, ends the time of a step and skips one', async () => {
    const { scene, jane } = await open('pause');
    const steps = [{ weight: 25, duration: '10m' }, { weight: 50, duration: '10m' }, { weight: 75, duration: '10m' }];
    await scene.applyAgent({ prompt: 'one', steps });
    await scene.untilHealthy();
    await scene.applyAgent({ prompt: 'two', steps });
    await inFirstStep(scene, 'support-2');

    expect(await jane.says('pause', 'support', '--note', 'lunch', ...patient)).toMatchObject({ code: 0, stdout: expect.stringContaining('Pause accepted') });
    expect((await scene.get(releases, 'support-2')).status).toMatchObject({ phase: 'Paused', weight: 25, stop: { phase: 'Shifting' } });
    await scene.untilAgent('it is paused', ({ phase }) => phase === 'Paused');
    expect((await jane.says('status', 'support')).code).toBe(4);
    expect((await jane.says('skip', 'support')).stderr).toContain('the release is paused: ask for Resume before Skip');
    expect(await jane.says('resume', 'support', ...patient)).toMatchObject({ code: 0 });

    expect(await jane.says('promote', 'support', ...patient)).toMatchObject({ code: 0, stdout: expect.stringContaining('The time of this step is over') });
    await scene.untilRelease('support-2', 'is in its second step', ({ step, stepStartedAt }) => step === 1 && stepStartedAt !== undefined);
    expect(await jane.says('skip', 'support', ...patient)).toMatchObject({ code: 0 });
    expect((await scene.get(releases, 'support-2')).status).toMatchObject({ step: 2, weight: 75 });
    expect(await jane.says('promote', 'support', '--full', ...patient)).toMatchObject({ code: 0 });
    const { status } = await scene.untilPhase('support-2', 'Promoted');
    expect(status?.completion).toBe('FastPromoted');
    const durations = status?.durations;
    expect(durations?.pausedMilliseconds).toBeGreaterThan(0);
    expect((durations?.activeMilliseconds ?? 0) + (durations?.pausedMilliseconds ?? 0)).toBeLessThanOrEqual(durations?.totalMilliseconds ?? 0);
  });

  it('aborts and tries again; what is meant for another revision is refused by the operator as well', async () => {
    const { scene, jane } = await open('abort');
    await scene.applyAgent({ prompt: 'one', steps: long });
    const stable = stableOf(await scene.untilHealthy());
    await scene.applyAgent({ prompt: 'two', steps: long });
    const { spec } = await inFirstStep(scene, 'support-2');

    const late = { verb: 'PromoteFull', revision: stable, requestId: 'late', by: 'joe' } as const;
    await scene.admin.mergePatch(releases, { namespace: scene.namespace, name: 'support-2' }, { spec: { intent: late } }, call);
    const refused = await scene.untilRelease('support-2', 'has answered', ({ handledIntent }) => handledIntent?.requestId === 'late');
    expect(refused.status).toMatchObject({ phase: 'Shifting', handledIntent: { outcome: 'Refused', by: 'joe', message: expect.stringContaining(`it names revision ${stable}`) } });

    expect(await jane.says('abort', 'support', ...patient)).toMatchObject({ code: 0 });
    await scene.untilPhase('support-2', 'Aborted');
    await scene.untilDeployments({ [stable]: 2 });
    expect((await jane.says('abort', 'support')).stderr).toContain('the release has ended (Aborted)');
    expect((await jane.says('status', 'support', '--watch')).code).toBe(1);
    expect(await jane.says('retry', 'support', ...patient)).toMatchObject({ code: 0, stdout: expect.stringContaining('a new release begins') });
    expect((await inFirstStep(scene, 'support-3')).spec).toMatchObject({ revision: spec.revision, cause: 'Retry', retryOf: 'support-2' });
  });

  it('tells who may not which role she needs', async () => {
    const { scene, jane } = await open('rights', 'viewer');
    await scene.applyAgent({ prompt: 'one', steps: long });
    await scene.untilHealthy();
    await scene.applyAgent({ prompt: 'two', steps: long });
    await inFirstStep(scene, 'support-2');
    const { code, stdout, stderr } = await jane.says('pause', 'support');
    expect({ code, stdout }).toEqual({ code: 77, stdout: '' });
    expect(stderr).toContain('ask for the role approver of the chart');
    expect((await scene.get(releases, 'support-2')).spec.intent).toBeUndefined();
    const status = await jane.says('status', 'support');
    expect(status.code).toBe(2);
    expect(status.stdout).toContain('Not shown, because you may not list them: pods, horizontalpodautoscalers');
  });

  it('has enough with the role approver of the chart, and is who it is under its policies', async () => {
    const namespace = identity.watched.find((each) => each.includes('cli-chart-')) ?? '';
    const rendered = await renderFor({ namespace: identity.namespace, kubeVersion: '1.36.0' }, `watchNamespaces=["${namespace}"]`);
    const uninstallPolicies = await install(cluster, rendered, policyKinds);
    const uninstallRoles = await install(cluster, rendered.filter(({ metadata }) => /-(approver|viewer)$/.test(metadata.name)), ['ClusterRole']);
    const [anna, vera] = await Promise.all((['approver', 'viewer'] as const).map(async (role) => {
      const user = `${role}-in-${namespace}`;
      await bindUser(cluster, { user, role: `${identity.namespace}-sluice-${role}`, namespace });
      const person = await RealPerson.called(user, namespace);
      people.push(person);
      return person;
    }));
    const scene = Scene.in(cluster, namespace);
    await scene.furnish();
    await scene.applyAgent({ prompt: 'one', steps: long });
    await scene.untilHealthy();
    await scene.applyAgent({ prompt: 'two', steps: long });
    await inFirstStep(scene, 'support-2');
    expect(await vera!.says('abort', 'support')).toMatchObject({ code: 77, stderr: expect.stringContaining('the role approver') });
    expect(await anna!.says('pause', 'support', ...patient)).toMatchObject({ code: 0 });
    expect((await scene.get(releases, 'support-2')).status?.handledIntent).toMatchObject({ verb: 'Pause', by: anna!.name });
    expect(await anna!.says('abort', 'support', '--note', 'wrong prices', ...patient)).toMatchObject({ code: 0 });
    await scene.untilPhase('support-2', 'Aborted');
    expect((await vera!.says('explain', 'support')).stdout.replaceAll('\n', ' ')).toContain(`It was aborted by ${anna!.name}`);
    await uninstallPolicies();
    await uninstallRoles();
  });

  it('tells that no operator answers', async () => {
    const jane = await introduce(deaf.namespace, 'approver');
    await deaf.applyAgent({ prompt: 'one', steps: long });
    await deaf.apply(releases, { apiVersion: 'sluice.dev/v1alpha1', kind: 'Release', metadata: { name: 'support-1', labels: { 'sluice.dev/agent': 'support' } }, spec: { agentName: 'support', revision: 'aaaaaaaaaa' } });
    const { code, stderr } = await jane.says('pause', 'support', '--timeout', '1s');
    expect(code).toBe(75);
    expect(stderr).toContain('the operator did not answer Pause of support-1 within 1s');
    expect((await deaf.get(releases, 'support-1')).spec.intent).toMatchObject({ verb: 'Pause', revision: 'aaaaaaaaaa', by: jane.name });
  });
});
