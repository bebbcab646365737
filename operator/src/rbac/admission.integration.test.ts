import type { Release } from '@sluice/crds';
import { type KubeClient, KubeError, namespaces } from '@sluice/kube';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bindUser, install, policyKinds } from '../integration/chart-objects.ts';
import { agent } from '../integration/manifests.ts';
import { makeIdentity } from '../integration/operator-identity.ts';
import { renderFor } from '../integration/rendered-chart.ts';
import { call, TestCluster } from '../integration/test-cluster.ts';
import { until } from '../integration/until.ts';
import { agentDeployments, releases } from '../resources.ts';

const revision = 'aaaaaaaaaa';
const askerIsNotSet = 'admission.setAsker=false';
type Asked = Partial<NonNullable<Release['spec']['intent']>>;

/** The policies of one rendering of the chart, and the users that they are about. */
interface Stage {
  readonly namespace: string;
  /** As the operator of the chart. */
  readonly operator: KubeClient;
  readonly axel: KubeClient;
  readonly anna: KubeClient;
  readonly uninstall: () => Promise<void>;
}

let cluster: TestCluster;

beforeAll(async () => {
  cluster = await TestCluster.connect(process.env);
});

afterAll(async () => {
  await cluster?.close();
});

/** In a namespace of its own, which alone the policies are about: other tests share the API server. */
async function stageOf(...settings: readonly string[]): Promise<Stage> {
  const namespace = await cluster.namespace('admission');
  const identity = await makeIdentity(cluster, [namespace]);
  const rendered = await renderFor({ namespace: identity.namespace, kubeVersion: '1.36.0' }, `watchNamespaces=["${namespace}"]`, ...settings);
  const uninstallPolicies = await install(cluster, rendered, policyKinds);
  const uninstallRoles = await install(cluster, rendered.filter(({ metadata }) => metadata.name.endsWith('-approver')), ['ClusterRole']);
  for (const user of ['axel', 'anna']) await bindUser(cluster, { user, role: `${identity.namespace}-sluice-approver`, namespace });
  const operator = cluster.as(`system:serviceaccount:${identity.namespace}:sluice`, ['system:serviceaccounts', 'system:authenticated']);
  await until('the policies are in force', () => outcome(cluster.admin.create(releases, release('probe', namespace), { ...call, dryRun: 'All' })), (text) => text.includes('records that the operator makes'));
  const axel = cluster.as('axel');
  await operator.create(releases, release('probe', namespace), call);
  // Each policy comes into force by itself, the one that writes last: it needs the schema of the kind, which the API server publishes a while after it serves the kind.
  const wish = (intent: Asked) => axel.mergePatch(releases, { namespace, name: 'probe' }, { spec: { intent: { verb: 'Pause', requestId: 'probe', ...intent } } } as never, { ...call, dryRun: 'All' });
  const isInForce = { filledIn: async () => (await wish({ revision })).spec.intent?.by === 'axel', refused: async () => (await outcome(wish({ revision }))).includes('spec.intent.by must be "axel"') };
  await until('whoever asks is known', async () => await isInForce[settings.includes(askerIsNotSet) ? 'refused' : 'filledIn']().catch(() => false), (known) => known);
  await until('the policy on intents is in force', () => outcome(wish({ revision: 'bbbbbbbbbb', by: 'axel' })), (text) => text.includes('but this Release is of revision'));
  await operator.delete(releases, { namespace, name: 'probe' }, {}, call);
  return { namespace, operator, axel, anna: cluster.as('anna'), uninstall: async () => { await uninstallPolicies(); await uninstallRoles(); } };
}

function release(name: string, namespace: string): Release {
  return { apiVersion: 'sluice.dev/v1alpha1', kind: 'Release', metadata: { name, namespace, labels: { 'sluice.dev/agent': 'support' } }, spec: { agentName: 'support', revision, cause: 'SpecChanged' } };
}

/** The sentence with which a request was refused; 'accepted' where it was not. */
async function outcome(request: Promise<unknown>): Promise<string> {
  try {
    await request;
    return 'accepted';
  } catch (error) {
    if (error instanceof KubeError) return error.message;
    throw error;
  }
}

function ask(client: KubeClient, { namespace }: Stage, name: string, intent: Asked | null): Promise<Release> {
  const wish = intent === null ? null : { verb: 'Promote', revision, requestId: 'r-1', ...intent };
  return client.mergePatch(releases, { namespace, name }, { spec: { intent: wish } } as never, call);
}

async function answer({ operator, namespace }: Stage, name: string, requestId: string, ...answeredRequests: readonly string[]): Promise<void> {
  const found = await cluster.admin.get(releases, { namespace, name }, call);
  const handledIntent = { verb: 'Promote' as const, requestId, at: '2026-11-21T10:00:00.000Z', outcome: 'Accepted' as const, message: 'promoted' };
  await operator.replaceStatus(releases, { ...found, status: { ...found.status, handledIntent, answeredRequests: [...answeredRequests] } }, call);
}

describe('with the policies of the chart', () => {
  let stage: Stage;
  let made = 0;
  const fresh = async (): Promise<string> => {
    made += 1;
    const name = `support-${made}`;
    await stage.operator.create(releases, release(name, stage.namespace), call);
    return name;
  };

  beforeAll(async () => {
    stage = await stageOf();
  });

  afterAll(async () => {
    await stage?.uninstall();
  });

  it.each([
    ['nobody', {}],
    ['somebody else', { by: 'anna' }],
    ['who asks', { by: 'axel' }],
  ])('an intent says who asked, though it names %s', async (_, said) => {
    const name = await fresh();
    expect((await ask(stage.axel, stage, name, said)).spec.intent?.by).toBe('axel');
  });

  it('the same holds for server-side apply and for PUT', async () => {
    const key = { namespace: stage.namespace, name: await fresh() };
    const wish = { verb: 'Pause' as const, revision, requestId: 'r-1', by: 'root' };
    const applied = { apiVersion: 'sluice.dev/v1alpha1', kind: 'Release', metadata: key, spec: { intent: wish } };
    expect((await stage.axel.apply(releases, applied as never, { fieldManager: 'cli', conflicts: 'force' }, call)).spec.intent?.by).toBe('axel');
    await answer(stage, key.name, 'r-1');
    const found = await cluster.admin.get(releases, key, call);
    const put = await cluster.as('putter', ['system:masters']).replace(releases, { ...found, spec: { ...found.spec, intent: { ...wish, requestId: 'r-2', by: 'axel' } } }, call);
    expect(put.spec.intent?.by).toBe('putter');
  });

  it('an intent that is left as it is keeps the name of who asked', async () => {
    const name = await fresh();
    await ask(stage.axel, stage, name, {});
    expect((await ask(stage.anna, stage, name, { by: 'axel' })).spec.intent?.by).toBe('axel');
  });

  it('refuses an intent for another revision, and says which one the release has', async () => {
    const name = await fresh();
    expect(await outcome(ask(stage.axel, stage, name, { revision: 'bbbbbbbbbb' }))).toContain(
      `spec.intent.revision is "bbbbbbbbbb", but this Release is of revision "${revision}": look at it again, and ask for the revision that you mean`,
    );
  });

  it('refuses a request id that was answered already', async () => {
    const name = await fresh();
    await ask(stage.axel, stage, name, {});
    await answer(stage, name, 'r-1');
    expect(await outcome(ask(stage.axel, stage, name, { verb: 'Abort' }))).toContain('spec.intent.requestId "r-1" was answered already, see status.handledIntent and status.answeredRequests: give each wish a new one');
    expect(await outcome(ask(stage.axel, stage, name, { verb: 'Abort', requestId: 'r-2' }))).toBe('accepted');
  });

  it.each([['one back', 'r-2'], ['two back', 'r-1']])('refuses a request id that was answered %s', async (_, requestId) => {
    const name = await fresh();
    await ask(stage.axel, stage, name, { requestId: 'r-3' });
    await answer(stage, name, 'r-3', 'r-1', 'r-2');
    expect(await outcome(ask(stage.axel, stage, name, { requestId }))).toContain(`spec.intent.requestId "${requestId}" was answered already, see status.handledIntent and status.answeredRequests: give each wish a new one`);
    expect(await outcome(ask(stage.axel, stage, name, { requestId: 'r-4' }))).toBe('accepted');
  });

  it('keeps an intent that is not answered from others, but lets anybody stop the release', async () => {
    const name = await fresh();
    await ask(stage.axel, stage, name, {});
    const taken = 'the intent Promote of "axel" is not answered yet: wait for status.handledIntent (only Abort, and Pause where it is no Abort, may replace it)';
    expect(await outcome(ask(stage.anna, stage, name, null))).toContain(taken);
    expect(await outcome(ask(stage.anna, stage, name, { verb: 'PromoteFull', requestId: 'r-2' }))).toContain(taken);
    expect(await outcome(ask(stage.axel, stage, name, { verb: 'Skip', requestId: 'r-2' })), 'the own one').toBe('accepted');
    const stopped = await ask(stage.anna, stage, name, { verb: 'Abort', requestId: 'r-3' });
    expect(stopped.spec.intent).toMatchObject({ verb: 'Abort', by: 'anna' });
    await answer(stage, name, 'r-3');
    expect(await outcome(ask(stage.axel, stage, name, null)), 'an answered one').toBe('accepted');
  });

  it('lets nobody take back an Abort that is not answered, in one write or in two', async () => {
    const name = await fresh();
    await ask(stage.anna, stage, name, { verb: 'Abort' });
    const refused = 'the intent Abort is not answered yet, and nobody may take it back';
    expect(await outcome(ask(stage.axel, stage, name, { verb: 'Abort', requestId: 'r-2' })), 'to stop is always possible').toBe('accepted');
    for (const client of [stage.axel, stage.anna]) {
      expect(await outcome(ask(client, stage, name, { verb: 'PromoteFull', requestId: 'r-3' }))).toContain(refused);
      expect(await outcome(ask(client, stage, name, null))).toContain(refused);
    }
    await answer(stage, name, 'r-2');
    expect(await outcome(ask(stage.axel, stage, name, { verb: 'Retry', requestId: 'r-4' }))).toBe('accepted');
  });

  it.each([
    ['labels', { labels: { 'sluice.dev/agent': 'other' } }],
    ['annotations', { annotations: { note: 'mine' } }],
    ['finalizers', { finalizers: ['example.com/hold'] }],
    ['ownerReferences', { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'y' }] }],
  ])('lets nobody but the operator change the %s of a release', async (_, metadata) => {
    const name = await fresh();
    const key = { namespace: stage.namespace, name };
    for (const client of [stage.axel, cluster.admin]) {
      expect(await outcome(client.mergePatch(releases, key, { metadata }, call))).toContain('only spec.intent of a Release may be written: leave its labels, annotations, ownerReferences and finalizers as they are');
    }
  });

  it('lets nobody change the rest of the spec', async () => {
    const key = { namespace: stage.namespace, name: await fresh() };
    for (const client of [stage.axel, cluster.admin]) expect(await outcome(client.mergePatch(releases, key, { spec: { revision: 'cccccccccc' } }, call))).toContain('cannot be changed but for spec.intent');
  });

  it('lets nobody but the operator make or delete a release, and names what to do', async () => {
    const name = await fresh();
    expect(await outcome(cluster.admin.create(releases, release('mine', stage.namespace), call))).toContain('change the AgentDeployment, which begins a release, or ask a failed release for the intent Retry');
    expect(await outcome(cluster.admin.delete(releases, { namespace: stage.namespace, name }, {}, call))).toContain('set spec.rollout.historyLimit of the AgentDeployment to keep fewer, or delete the AgentDeployment to delete all of them');
    expect(await outcome(stage.operator.delete(releases, { namespace: stage.namespace, name }, {}, call))).toBe('accepted');
  });

  it('a release goes with its agent, by the garbage collector of Kubernetes', async () => {
    const { metadata } = await cluster.admin.create(agentDeployments, { ...agent({ name: 'gone' }), metadata: { name: 'gone', namespace: stage.namespace } } as never, call);
    const owner = { apiVersion: 'sluice.dev/v1alpha1', kind: 'AgentDeployment', name: 'gone', uid: metadata.uid ?? '', controller: true, blockOwnerDeletion: true };
    const key = { namespace: stage.namespace, name: 'gone-1' };
    await stage.operator.create(releases, { ...release('gone-1', stage.namespace), metadata: { ...key, ownerReferences: [owner] } }, call);
    await cluster.admin.delete(agentDeployments, { ...key, name: 'gone' }, { propagationPolicy: 'Foreground' }, call);
    await until('the release is gone', () => cluster.admin.find(releases, key, call), (found) => found === undefined);
  });

  it('the releases of a namespace go with it', async () => {
    const other = await stageOf();
    await other.operator.create(releases, release('support-1', other.namespace), call);
    await cluster.admin.delete(namespaces, { namespace: '', name: other.namespace }, {}, call);
    const gone = await until('the namespace is gone', () => cluster.admin.find(namespaces, { namespace: '', name: other.namespace }, call), (found) => found === undefined);
    expect(gone).toBeUndefined();
    await other.uninstall();
  });

  it('another namespace is not concerned', async () => {
    const elsewhere = await cluster.namespace('elsewhere');
    expect(await outcome(cluster.admin.create(releases, release('free', elsewhere), call))).toBe('accepted');
    expect((await ask(cluster.admin, { ...stage, namespace: elsewhere }, 'free', { by: 'anybody' })).spec.intent?.by).toBe('anybody');
  });
});

describe('where the asker is not filled in', () => {
  it('an intent must name the user who asks', async () => {
    const stage = await stageOf(askerIsNotSet);
    await stage.operator.create(releases, release('support-1', stage.namespace), call);
    expect(await outcome(ask(stage.axel, stage, 'support-1', {}))).toContain('spec.intent.by must be "axel", the user who asks, and is not set: write your own user name');
    expect(await outcome(ask(stage.axel, stage, 'support-1', { by: 'anna' }))).toContain('spec.intent.by must be "axel", the user who asks, and not "anna": write your own user name');
    expect(await outcome(ask(stage.axel, stage, 'support-1', { by: 'axel' }))).toBe('accepted');
    await stage.uninstall();
  });

  it('only a ServiceAccount can be an operator, whatever else a user may do', async () => {
    const stage = await stageOf(askerIsNotSet);
    const unmarked = cluster.as(`system:serviceaccount:${stage.namespace}:default`, ['system:authenticated']);
    expect(await outcome(unmarked.create(releases, release('support-1', stage.namespace), call))).toContain('is forbidden');
    const person = cluster.as('sluice', ['system:masters']);
    expect(await outcome(person.create(releases, release('support-2', stage.namespace), call))).toContain('records that the operator makes');
    expect(await cluster.admin.find(releases, { namespace: stage.namespace, name: 'support-2' }, call)).toBeUndefined();
    await stage.uninstall();
  });
});
