import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { definitions } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { readConfig } from '../config.ts';
import { editorPermissions, leaderElectionPermissions, operatorPermissions, viewerPermissions, type Permission } from './permissions.ts';

interface Rendered {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly annotations?: Record<string, string> };
  readonly rules?: unknown;
  readonly spec?: unknown;
}

interface PodTemplateHolder {
  readonly template: { readonly spec: { readonly containers: readonly [{ readonly env: readonly { readonly name: string; readonly value?: string }[]; readonly image: string }] } };
}

const chart = fileURLToPath(new URL('../../../charts/sluice', import.meta.url));

async function helm(...args: string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(process.env['HELM'] ?? 'helm', args, { timeout: 60_000, maxBuffer: 8 << 20 });
    return stdout;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new Error('helm is not installed: run ./hack/test, which builds it, or name it in the environment variable HELM', { cause: error });
    }
    throw error;
  }
}

async function render(...settings: string[]): Promise<Rendered[]> {
  const text = await helm('template', 'sluice', chart, '--namespace', 'sluice-system', '--kube-version', '1.36.0', ...settings.flatMap((setting) => ['--set-json', setting]));
  return parseAllDocuments(text).flatMap((document) => (document.contents === null ? [] : [document.toJS() as Rendered]));
}

function find(objects: readonly Rendered[], kind: string, name: string): Rendered | undefined {
  return objects.find((object) => object.kind === kind && object.metadata.name === name);
}

function rulesOf(permissions: readonly Permission[]): unknown {
  return permissions.map(({ group, resources, verbs }) => ({ apiGroups: [group], resources, verbs }));
}

function operatorContainer(objects: readonly Rendered[]) {
  const deployment = objects.find(({ kind }) => kind === 'Deployment');
  if (deployment === undefined) throw new Error('the chart renders no Deployment');
  return (deployment.spec as PodTemplateHolder).template.spec.containers[0];
}

describe('the chart', () => {
  it('passes helm lint', async () => {
    expect(await helm('lint', '--strict', chart)).toContain('0 chart(s) failed');
  });

  it('grants what the table says, cluster-wide', async () => {
    const objects = await render();
    expect(find(objects, 'ClusterRole', 'sluice-system-sluice-operator')?.rules).toEqual(rulesOf(operatorPermissions));
    expect(find(objects, 'ClusterRole', 'sluice-system-sluice-view')?.rules).toEqual(rulesOf(viewerPermissions));
    expect(find(objects, 'ClusterRole', 'sluice-system-sluice-edit')?.rules).toEqual(rulesOf(editorPermissions));
    expect(objects.filter(({ kind }) => kind === 'Role').map(({ metadata }) => metadata.name)).toEqual(['sluice-leader-election']);
    expect(find(objects, 'Role', 'sluice-leader-election')?.rules).toEqual(rulesOf(leaderElectionPermissions));
  });

  it('grants the same in the watched namespaces only, and binds nothing to the cluster', async () => {
    const objects = await render('watchNamespaces=["shop","support"]', 'rbac.aggregate=false');
    const roles = objects.filter(({ kind, metadata }) => kind === 'Role' && metadata.name === 'sluice-operator');
    expect(roles.map(({ metadata }) => metadata.namespace)).toEqual(['shop', 'support']);
    for (const role of roles) expect(role.rules).toEqual(rulesOf(operatorPermissions));
    expect(objects.filter(({ kind }) => kind.startsWith('ClusterRole'))).toEqual([]);
  });

  it('gives the operator an environment that it accepts', async () => {
    const { env } = operatorContainer(await render('watchNamespaces=["shop","support"]', 'logLevel="debug"', 'fullnameOverride="gate"'));
    const values = Object.fromEntries(env.map(({ name, value }) => [name, value ?? 'from-the-pod']));
    expect(readConfig(values, { processIdentity: 'none' })).toMatchObject({ namespaces: ['shop', 'support'], logLevel: 'debug', port: 8081, lease: { name: 'gate-operator' } });
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
    ['crds.instal=false', 'instal'],
  ])('refuses %s and names the value', async (setting, named) => {
    await expect(render(setting)).rejects.toThrow(named);
  });
});
