import { readFile } from 'node:fs/promises';
import { definitions } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../config.ts';
import { chart, findRendered as find, helm, render, renderFor, renderReusing, type Rendered } from '../integration/rendered-chart.ts';
import { approverPermissions, developerPermissions, leaderElectionPermissions, operatorMark, operatorPermissions, operatorSeenPermissions, secretPermissions, shardingPermissions, viewerPermissions, type Permission } from './permissions.ts';

interface PodTemplateHolder {
  readonly template: {
    readonly spec: {
      readonly containers: readonly [{ readonly env: readonly { readonly name: string; readonly value?: string }[]; readonly image: string; readonly volumeMounts?: readonly object[] }];
      readonly volumes?: readonly object[];
    };
  };
}

function rulesOf(permissions: readonly Permission[], lease = 'sluice-operator'): unknown {
  return permissions.map(({ group, resources, verbs, only }) => ({ apiGroups: [group], resources, ...(only === undefined ? {} : { resourceNames: [lease] }), verbs }));
}

function operatorPod(objects: readonly Rendered[]) {
  const deployment = objects.find(({ kind }) => kind === 'Deployment');
  if (deployment === undefined) throw new Error('the chart renders no Deployment');
  return (deployment.spec as PodTemplateHolder).template.spec;
}

function operatorContainer(objects: readonly Rendered[]) {
  return operatorPod(objects).containers[0];
}

describe('the chart', () => {
  it('passes helm lint', async () => {
    expect(await helm('lint', '--strict', chart)).toContain('0 chart(s) failed');
  });

  it.each([
    ['of the first chart', [], ['concurrency=8']],
    ['of the first chart, with some of a section that came later', ['rbac.userRoles=false', 'priorityClass.create=false', 'admission={"setAsker":false}', 'prometheus.url="http://prometheus:9090"', 'networkPolicy.enabled=true'], ['concurrency=8', 'rbac.userRoles=false', 'priorityClass.create=false', 'admission.setAsker=false', 'prometheus.url="http://prometheus:9090"', 'networkPolicy.enabled=true']],
  ])('makes of values %s what it makes of its own', async (_title, given, same) => {
    const first = await readFile(new URL('fixtures/first-values.yaml', import.meta.url), 'utf8');
    const reused = await renderReusing(first, ...given);
    expect(reused.length).toBeGreaterThan(10);
    expect(reused).toEqual(await render(...same));
  });

  it('grants what the table says, cluster-wide', async () => {
    const objects = await render();
    expect(find(objects, 'ClusterRole', 'sluice-system-sluice-operator')?.rules).toEqual(rulesOf([...operatorPermissions, ...operatorMark, ...secretPermissions]));
    expect(find(objects, 'ClusterRole', 'sluice-system-sluice-viewer')?.rules).toEqual(rulesOf(viewerPermissions));
    expect(find(objects, 'ClusterRole', 'sluice-system-sluice-developer')?.rules).toEqual(rulesOf(developerPermissions));
    expect(find(objects, 'ClusterRole', 'sluice-system-sluice-approver')?.rules).toEqual(rulesOf(approverPermissions));
    expect(objects.filter(({ kind }) => kind === 'Role').map(({ metadata }) => metadata.name)).toEqual(['sluice-leader-election']);
    expect(find(objects, 'Role', 'sluice-leader-election')?.rules).toEqual(rulesOf(leaderElectionPermissions));
  });

  it('lets groups see the lease of the operator where they are named, and nobody else', async () => {
    const seen = (objects: readonly Rendered[]) => objects.filter(({ metadata }) => metadata.name === 'sluice-system-sluice-operator-seen');
    expect(seen(await render())).toEqual([]);
    const [role, binding] = seen(await render('rbac.operatorSeenBy=["approvers","oidc:dev"]', 'shard="blue"'));
    expect(role?.rules).toEqual(rulesOf(operatorSeenPermissions, 'sluice-operator-blue'));
    expect(binding).toMatchObject({ kind: 'ClusterRoleBinding', roleRef: { kind: 'ClusterRole', name: 'sluice-system-sluice-operator-seen' }, subjects: [{ kind: 'Group', name: 'approvers' }, { kind: 'Group', name: 'oidc:dev' }] });
  });

  it('grants nothing on Secrets when they are not to be watched, and tells the operator so', async () => {
    const objects = await render('watchSecrets=false');
    expect(find(objects, 'ClusterRole', 'sluice-system-sluice-operator')?.rules).toEqual(rulesOf([...operatorPermissions, ...operatorMark]));
    const told = (rendered: readonly Rendered[]) => operatorContainer(rendered).env.find(({ name }) => name === 'SLUICE_WATCH_SECRETS')?.value;
    expect([told(objects), told(await render())]).toEqual(['false', 'true']);
  });

  it('puts the operator before ordinary pods, by a class of its own or one that is named', async () => {
    const classIn = (objects: readonly Rendered[]) =>
      [(operatorPod(objects) as { readonly priorityClassName?: string }).priorityClassName, objects.filter(({ kind }) => kind === 'PriorityClass').map((made) => [made.metadata.name, (made as { readonly value?: number }).value])];
    const classOf = async (...settings: string[]) => classIn(await render(...settings));
    expect(await classOf()).toEqual(['sluice-system-sluice', [['sluice-system-sluice', 1_000_000]]]);
    expect(await classOf('priorityClass.value=5')).toEqual(['sluice-system-sluice', [['sluice-system-sluice', 5]]]);
    expect(await classOf('priorityClassName="system-cluster-critical"')).toEqual(['system-cluster-critical', []]);
    expect(await classOf('priorityClass.create=false')).toEqual([undefined, []]);
    // Kubernetes refuses a class of somebody else's whose name begins so.
    expect(classIn(await renderFor({ namespace: 'system-x', kubeVersion: '1.36.0' }))).toEqual(['of-system-x-sluice', [['of-system-x-sluice', 1_000_000]]]);
  });

  it.each(['shard="blue"', 'rbac.sharding=true'])('grants what taking over from another shard needs with %s', async (setting) => {
    expect(find(await render(setting), 'ClusterRole', 'sluice-system-sluice-operator')?.rules).toEqual(rulesOf([...operatorPermissions, ...operatorMark, ...secretPermissions, ...shardingPermissions]));
  });

  it('grants the same in the watched namespaces only, and binds nothing to the cluster', async () => {
    const objects = await render('watchNamespaces=["shop","support"]', 'rbac.userRoles=false');
    const roles = objects.filter(({ kind, metadata }) => kind === 'Role' && metadata.name === 'sluice-operator');
    expect(roles.map(({ metadata }) => metadata.namespace)).toEqual(['shop', 'support']);
    for (const role of roles) expect(role.rules).toEqual(rulesOf([...operatorPermissions, ...operatorMark, ...secretPermissions]));
    expect(objects.filter(({ kind }) => kind.startsWith('ClusterRole'))).toEqual([]);
  });

  it.each([
    [[], { viewer: 'view', developer: 'edit', approver: undefined }],
    [['rbac.aggregateApprover=true'], { viewer: 'view', developer: 'edit', approver: 'admin' }],
    [['rbac.aggregate=false'], { viewer: undefined, developer: undefined, approver: undefined }],
  ] as const)('adds the roles of people to those of the cluster as it is told: %j', async (settings, expected) => {
    const objects = await render(...settings);
    const into = (role: string) => Object.keys(find(objects, 'ClusterRole', `sluice-system-sluice-${role}`)?.metadata.labels ?? {}).find((label) => label.includes('/aggregate-to-'))?.split('aggregate-to-')[1];
    expect({ viewer: into('viewer'), developer: into('developer'), approver: into('approver') }).toEqual(expected);
  });

  it('ships the policies on Releases, forecasts, objectives and access for what the API server serves, and none when told so', async () => {
    const policies = async (kubeVersion: string, ...settings: string[]) =>
      (await renderFor({ namespace: 'sluice-system', kubeVersion }, ...settings)).filter(({ kind }) => kind.includes('AdmissionPolicy')).map(({ apiVersion, kind }) => `${kind} ${apiVersion.split('/')[1]}`);
    const validating = [...Array.from({ length: 4 }, () => 'ValidatingAdmissionPolicy v1'), ...Array.from({ length: 4 }, () => 'ValidatingAdmissionPolicyBinding v1')];
    expect(await policies('1.36.0')).toEqual(expect.arrayContaining(['MutatingAdmissionPolicy v1', 'MutatingAdmissionPolicyBinding v1', ...validating]));
    expect((await policies('1.35.0')).toSorted()).toEqual(validating);
    expect((await policies('1.36.0', 'admission.setAsker=false')).toSorted()).toEqual(validating);
    expect(await policies('1.36.0', 'admission.enabled=false')).toEqual([]);
  });

  it('tells the operator of Prometheus only where there is one, and mounts its token and its authority', async () => {
    const without = operatorPod(await render());
    expect([without.volumes, without.containers[0].volumeMounts, without.containers[0].env.filter(({ name }) => name.includes('PROMETHEUS'))]).toEqual([undefined, undefined, []]);
    const objects = await render('prometheus.url="https://prometheus.monitoring:9090"', 'prometheus.bearerTokenSecret.name="prometheus-token"', 'prometheus.caConfigMap.name="prometheus-ca"', 'networkPolicy.enabled=true');
    const env = Object.fromEntries(operatorContainer(objects).env.map(({ name, value }) => [name, value]));
    expect(readConfig({ ...env, POD_NAMESPACE: 'sluice-system' }, { processIdentity: 'x' }).prometheus).toEqual({
      url: 'https://prometheus.monitoring:9090', timeoutMs: 10_000, bearerTokenFile: '/var/run/sluice/prometheus-token/token', caFile: '/var/run/sluice/prometheus-ca/ca.crt',
    });
    expect(operatorPod(objects).volumes).toMatchObject([{ secret: { secretName: 'prometheus-token' } }, { configMap: { name: 'prometheus-ca' } }]);
    expect(operatorPod(objects).containers[0].volumeMounts).toEqual([{ name: 'prometheus-token', mountPath: '/var/run/sluice/prometheus-token', readOnly: true }, { name: 'prometheus-ca', mountPath: '/var/run/sluice/prometheus-ca', readOnly: true }]);
    expect(JSON.stringify(objects.find(({ kind }) => kind === 'NetworkPolicy')?.spec)).toContain('"port":9090');
  });

  it('tells the operator of an MLflow server only where there is one, and mounts its login and its authority', async () => {
    const without = operatorPod(await render('mlflow.loginSecret.name="mlflow-login"'));
    expect([without.volumes, without.containers[0].env.filter(({ name }) => name.includes('MLFLOW'))]).toEqual([undefined, []]);
    const objects = await render('mlflow.url="https://mlflow.tracking:5000/"', 'mlflow.loginSecret.name="mlflow-login"', 'mlflow.caConfigMap.name="mlflow-ca"', 'networkPolicy.enabled=true');
    const env = Object.fromEntries(operatorContainer(objects).env.map(({ name, value }) => [name, value]));
    expect(readConfig({ ...env, POD_NAMESPACE: 'sluice-system' }, { processIdentity: 'x' }).mlflow).toEqual({ url: 'https://mlflow.tracking:5000', loginFolder: '/var/run/sluice/mlflow-login', caFile: '/var/run/sluice/mlflow-ca/ca.crt' });
    expect(operatorPod(objects).volumes).toMatchObject([{ secret: { secretName: 'mlflow-login' } }, { configMap: { name: 'mlflow-ca' } }]);
    expect(operatorPod(objects).containers[0].volumeMounts).toEqual([{ name: 'mlflow-login', mountPath: '/var/run/sluice/mlflow-login', readOnly: true }, { name: 'mlflow-ca', mountPath: '/var/run/sluice/mlflow-ca', readOnly: true }]);
    expect(JSON.stringify(objects.find(({ kind }) => kind === 'NetworkPolicy')?.spec)).toContain('"port":5000');
  });

  it('gives the operator an environment that it accepts', async () => {
    const { env } = operatorContainer(await render('watchNamespaces=["shop","support"]', 'logLevel="debug"', 'fullnameOverride="gate"', 'shard="blue"'));
    const values = Object.fromEntries(env.map(({ name, value }) => [name, value ?? 'from-the-pod']));
    expect(readConfig(values, { processIdentity: 'none' })).toMatchObject({ namespaces: ['shop', 'support'], logLevel: 'debug', port: 8081, shard: 'blue', lease: { name: 'gate-operator-blue' } });
  });

  it('holds every CRD, kept at uninstall, unless told otherwise', async () => {
    const names = definitions.map(({ plural }) => `${plural}.sluice.dev`).toSorted();
    const crds = (await render()).filter(({ kind }) => kind === 'CustomResourceDefinition');
    expect(crds.map(({ metadata }) => metadata.name).toSorted()).toEqual(names);
    for (const { metadata } of crds) expect(metadata.annotations).toEqual({ 'helm.sh/resource-policy': 'keep' });
    expect((await render('crds.install=false')).filter(({ kind }) => kind === 'CustomResourceDefinition')).toEqual([]);
  });

  it('makes a disruption budget for more than one replica, and a network policy when asked', async () => {
    const plain = await render();
    expect(plain.map(({ kind }) => kind)).not.toContain('PodDisruptionBudget');
    expect(plain.map(({ kind }) => kind)).not.toContain('NetworkPolicy');
    const guarded = await render('replicas=2', 'networkPolicy.enabled=true');
    expect(guarded.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['PodDisruptionBudget', 'NetworkPolicy']));
  });

  it('runs the operator without any right on its node', async () => {
    expect(find(await render(), 'Deployment', 'sluice')?.spec).toMatchObject({
      template: {
        spec: {
          securityContext: { runAsNonRoot: true, runAsUser: 65_532, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [{ securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } } }],
        },
      },
    });
  });

  it('pins the image by digest, by tag, or by its own version', async () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    expect(operatorContainer(await render()).image).toBe('sluice-operator:0.1.0');
    expect(operatorContainer(await render('image.tag="dev"')).image).toBe('sluice-operator:dev');
    expect(operatorContainer(await render('image.tag="dev"', `image.digest="${digest}"`)).image).toBe(`sluice-operator@${digest}`);
  });

  it.each([
    ['replica=2', 'replica'],
    ['replicas=-1', 'replicas'],
    ['logLevel="loud"', 'logLevel'],
    ['watchNamespaces=["Shop"]', 'watchNamespaces'],
    ['image.digest="latest"', 'digest'],
    ['shard="Blue"', 'shard'],
    ['crds.instal=false', 'instal'],
  ])('refuses %s and names the value', async (setting, named) => {
    await expect(render(setting)).rejects.toThrow(named);
  });
});
