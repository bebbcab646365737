import type { Release } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { releases } from '../resources.ts';
import { isWrite } from './api-request.ts';
import { bindUser, install, policyKinds } from './chart-objects.ts';
import { makeIdentity } from './operator-identity.ts';
import { playedCluster } from './played-cluster.ts';
import { renderFor } from './rendered-chart.ts';
import { RunningOperator } from './running-operator.ts';
import { phasesOf, Scene } from './scene.ts';
import { call } from './test-cluster.ts';
import { until } from './until.ts';

const sketch = { steps: [{ weight: 50, duration: '1s' }], approval: { policy: 'Required' as const, timeout: '1h', onTimeout: 'RollBack' as const }, historyLimit: 1 };

const cluster = playedCluster();

describe('the operator and an approver under the policies of the chart', { timeout: 240_000 }, () => {
  it('work together: the record says who agreed, and no request of the operator is refused', async () => {
    const scene = await Scene.open(cluster(), 'approval');
    const identity = await makeIdentity(cluster(), [scene.namespace]);
    const rendered = await renderFor({ namespace: identity.namespace, kubeVersion: '1.36.0' }, `watchNamespaces=["${scene.namespace}"]`);
    const uninstallPolicies = await install(cluster(), rendered, policyKinds);
    const uninstallRole = await install(cluster(), rendered.filter(({ metadata }) => metadata.name.endsWith('-approver')), ['ClusterRole']);
    await bindUser(cluster(), { user: 'axel', role: `${identity.namespace}-sluice-approver`, namespace: scene.namespace });
    const probe: Release = { apiVersion: 'sluice.dev/v1alpha1', kind: 'Release', metadata: { name: 'probe', namespace: scene.namespace }, spec: { agentName: 'probe', revision: 'aaaaaaaaaa', cause: 'SpecChanged' } };
    await until('the policies are in force', () => cluster().admin.create(releases, probe, { ...call, dryRun: 'All' }).then(() => 'accepted', String), (answer) => answer.includes('records that the operator makes'));
    const operator = await RunningOperator.start(cluster(), identity, 'operator-0');
    const axel = cluster().as('axel');

    for (const [index, prompt] of ['one', 'two', 'three'].entries()) {
      await scene.applyAgent({ ...sketch, prompt });
      const name = `support-${index + 1}`;
      const { spec } = await scene.untilPhase(name, 'AwaitingApproval');
      const agree = () => axel.mergePatch(releases, { namespace: scene.namespace, name }, { spec: { intent: { verb: 'Promote', revision: spec.revision, requestId: `agree-${name}`, by: 'somebody else' } } }, call);
      // The policy that writes who asks comes into force last; until then the one that reads refuses the wrong name.
      await until('axel agrees', () => agree().then(() => 'accepted', String), (answer) => answer === 'accepted');
      const promoted = await scene.untilPhase(name, 'Promoted');
      expect(promoted.status?.handledIntent).toMatchObject({ requestId: `agree-${name}`, by: 'axel', outcome: 'Accepted' });
      expect(promoted.status?.approval).toMatchObject({ decision: 'Approved', by: 'axel' });
      expect(promoted.status?.transitions?.some(({ by }) => by === 'axel'), phasesOf(promoted).join()).toBe(true);
    }
    await until('the operator deletes records beyond the history', () => scene.list(releases), (found) => !found.some(({ metadata }) => metadata.name === 'support-1'));
    const refused = operator.proxy.requests.filter((request) => isWrite(request) && (request.code === 403 || request.code === 422));
    expect(refused.map(({ verb, resource, code }) => `${verb} ${resource} ${code}`)).toEqual([]);
    expect(await operator.stop()).toBe(0);
    await uninstallPolicies();
    await uninstallRole();
  });
});
