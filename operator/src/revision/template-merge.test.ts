import type { AgentDeploymentSpec } from '@sluice/crds';
import type { PodTemplateSpec } from '@sluice/kube';
import { describe, expect, it } from 'vitest';
import { renderBundle } from './bundle.ts';
import { RevisionError } from './error.ts';
import { renderPodTemplate } from './pod-template.ts';
import { sampleAgent, sampleProvider } from './testing/sample-agent.ts';

type Template = AgentDeploymentSpec['template'];

function render(template?: Template): PodTemplateSpec {
  const agent = sampleAgent(template === undefined ? {} : { spec: { template } });
  const provider = sampleProvider();
  return renderPodTemplate({ agent, provider, bundle: renderBundle(agent, provider, 'p'), image: 'example.com/sluice/runtime:1.2.3', revision: '0123456789' });
}

const plain = render();
const plainContainer = plain.spec.containers[0]!;
const withSpec = (spec: object) => render({ spec: { ...spec } });
const container = (fields: object) => withSpec({ containers: [{ name: 'agent', ...fields }] }).spec.containers[0]!;

describe('metadata of the user', () => {
  it('is added', () => {
    const metadata = { labels: { team: 'a', 'app.kubernetes.io/part-of': 'shop' }, annotations: { note: 'n' } };
    expect(render({ metadata }).metadata).toEqual({ labels: { ...plain.metadata?.labels, ...metadata.labels }, annotations: { note: 'n' } });
  });

  it.each([
    ['labels', 'sluice.dev/agent'], ['labels', 'sluice.dev/anything'], ['labels', 'app.kubernetes.io/name'],
    ['labels', 'app.kubernetes.io/managed-by'], ['labels', 'app.kubernetes.io/component'], ['annotations', 'sluice.dev/x'],
  ])('cannot take the %s %s', (member, key) => {
    expect(() => render({ metadata: { [member]: { [key]: 'mine' } } })).toThrow(`spec.template.metadata.${member}["${key}"] is set by the operator (yours was "mine")`);
  });
});

describe('pod fields of the user', () => {
  it.each([
    ['are overlaid', { priorityClassName: 'high', nodeSelector: { disk: 'ssd' }, hostAliases: [{ ip: '1.2.3.4' }] }, { priorityClassName: 'high', nodeSelector: { disk: 'ssd' }, hostAliases: [{ ip: '1.2.3.4' }] }],
    ['replace a default of the operator', { serviceAccountName: 'mine', automountServiceAccountToken: true }, { serviceAccountName: 'mine', automountServiceAccountToken: true }],
    ['drop the old alias that the API server adds', { serviceAccountName: 'mine', serviceAccount: 'mine' }, { serviceAccountName: 'mine' }],
    ['that are null are not set', { serviceAccountName: null, priorityClassName: null, securityContext: { fsGroup: null } }, plain.spec],
    ['merge the securityContext by member', { securityContext: { fsGroup: 7 } }, { securityContext: { ...plain.spec.securityContext, fsGroup: 7 } }],
    ['replace the spread constraints', { topologySpreadConstraints: [{ maxSkew: 2 }] }, { topologySpreadConstraints: [{ maxSkew: 2 }] }],
    ['append containers', { containers: [{ name: 'proxy', image: 'i:1' }] }, { containers: [plainContainer, { name: 'proxy', image: 'i:1' }] }],
    ['add init containers', { initContainers: [{ name: 'load', image: 'i:1' }] }, { initContainers: [{ name: 'load', image: 'i:1' }] }],
    ['append volumes', { volumes: [{ name: 'data', emptyDir: {} }] }, { volumes: [...plain.spec.volumes!, { name: 'data', emptyDir: {} }] }],
  ])('%s', (_, spec, expected) => {
    expect(withSpec(spec).spec).toEqual({ ...plain.spec, ...expected });
  });
});

describe('the container "agent" of the user', () => {
  it.each([
    ['appends env', { env: [{ name: 'MODE', value: '' }] }, { env: [...plainContainer.env!, { name: 'MODE', value: '' }] }],
    ['appends mounts', { volumeMounts: [{ name: 'data', mountPath: '/data' }] }, { volumeMounts: [...plainContainer.volumeMounts!, { name: 'data', mountPath: '/data' }] }],
    ['appends ports', { ports: [{ name: 'debug', containerPort: 9229 }] }, { ports: [...plainContainer.ports!, { name: 'debug', containerPort: 9229 }] }],
    ['replaces a probe', { livenessProbe: { tcpSocket: { port: 1 } } }, { livenessProbe: { tcpSocket: { port: 1 } } }],
    ['keeps a probe that is null', { livenessProbe: null }, {}],
    ['keeps arguments that are an empty list, and what is an empty text', { args: [], workingDir: '' }, {}],
    ['merges the lifecycle', { lifecycle: { postStart: { exec: { command: ['x'] } } } }, { lifecycle: { ...plainContainer.lifecycle, postStart: { exec: { command: ['x'] } } } }],
    ['merges the securityContext', { securityContext: { readOnlyRootFilesystem: false } }, { securityContext: { ...plainContainer.securityContext, readOnlyRootFilesystem: false } }],
    ['may change the arguments', { args: ['serve', '--verbose'] }, { args: ['serve', '--verbose'] }],
    ['adds what the operator does not set', { envFrom: [{ secretRef: { name: 's' } }] }, { envFrom: [{ secretRef: { name: 's' } }] }],
    ['takes a whole resource from the user', { resources: { requests: { memory: '1Gi' } } }, { resources: { requests: { cpu: '100m', memory: '1Gi' } } }],
    ['merges resources by name', { resources: { limits: { cpu: 2 } } }, { resources: { requests: { memory: '128Mi' }, limits: { memory: '512Mi', cpu: '2' } } }],
    ['keeps other members of resources', { resources: { claims: [{ name: 'gpu' }] } }, { resources: { ...plainContainer.resources, claims: [{ name: 'gpu' }] } }],
  ])('%s', (_, fields, expected) => {
    expect(container(fields)).toEqual({ ...plainContainer, ...expected });
  });

  it('may bring a volume of its own for /tmp', () => {
    const { spec } = withSpec({ containers: [{ name: 'agent', volumeMounts: [{ name: 'big', mountPath: '/tmp' }] }], volumes: [{ name: 'big', emptyDir: { sizeLimit: '1Gi' } }] });
    expect(spec.containers[0]?.volumeMounts?.filter((mount) => mount.mountPath === '/tmp')).toEqual([{ name: 'big', mountPath: '/tmp' }]);
    expect(spec.volumes?.map((volume) => volume.name)).toEqual(['sluice-bundle', 'sluice-provider', 'big']);
  });
});

describe('a template that takes what is not its own is refused', () => {
  const agent = (fields: object) => ({ containers: [{ name: 'agent', ...fields }] });
  it.each([
    ['an image', agent({ image: 'i:2' }), /containers\[name=agent\]\.image is "i:2": write it into spec\.agent\.image/],
    ['a pull policy', agent({ imagePullPolicy: 'Never' }), /write it into spec\.agent\.imagePullPolicy/],
    ['a variable of the operator', agent({ env: [{ name: 'SLUICE_REVISION', value: 'x' }] }), /env\[name=SLUICE_REVISION\] is for the operator to set/],
    ['the port by a variable', agent({ env: [{ name: 'SLUICE_PORT', value: '9' }] }), /env\[name=SLUICE_PORT\] is for the operator to set/],
    ['the pod name', agent({ env: [{ name: 'POD_NAME', value: 'x' }] }), /env\[name=POD_NAME\] is for the operator to set/],
    ['a key in plain text', agent({ env: [{ name: 'SLUICE_PROVIDER_API_KEY', value: 'sk-1' }] }), /holds a key in plain text: name its Secret/],
    ['the port name', agent({ ports: [{ name: 'http', containerPort: 9 }] }), /the name "http" and port 8080/],
    ['the port number', agent({ ports: [{ containerPort: 8080 }] }), /the name "http" and port 8080/],
    ['the mirror port', agent({ ports: [{ name: 'web', containerPort: 8082 }] }), /the name "mirror" and port 8082/],
    ['the mirror port by a variable', agent({ env: [{ name: 'SLUICE_MIRROR_PORT', value: '9' }] }), /env\[name=SLUICE_MIRROR_PORT\] is for the operator to set/],
    ['the bundle path', agent({ volumeMounts: [{ name: 'x', mountPath: '/etc/sluice/bundle/' }] }), /mountPath "\/etc\/sluice\/bundle\/", which the operator uses/],
    ['a path above the key', agent({ volumeMounts: [{ name: 'x', mountPath: '/var/run/secrets/sluice' }] }), /which the operator uses/],
    ['a path below the bundle', agent({ volumeMounts: [{ name: 'x', mountPath: '/etc/sluice/bundle/x' }] }), /which the operator uses/],
    ['a volume name', { volumes: [{ name: 'a' }, { name: 'sluice-tmp' }] }, /volumes\[1\]\.name is "sluice-tmp", which the operator uses/],
    ['two containers of one name', { containers: [{ name: 'a' }, { name: 'a' }] }, /containers has two named "a"/],
    ['a container and an init container of one name', { containers: [{ name: 'a' }], initContainers: [{ name: 'a' }] }, /containers has two named "a"/],
    ['two volumes of one name', { volumes: [{ name: 'a' }, { name: 'a' }] }, /volumes has two named "a"/],
    ['a restart policy', { restartPolicy: 'Never' }, /restartPolicy is "Never": an agent always restarts/],
    ['the old name of a field', { serviceAccount: 'mine' }, /serviceAccount is "mine": the field is deprecated; write it into serviceAccountName/],
    ['an end', { activeDeadlineSeconds: 5 }, /activeDeadlineSeconds is 5/],
    ['a wrong type', { containers: 'x' }, /spec\.template\.spec\.containers is not valid in a pod spec/],
    ['a container without a name', { containers: [{ image: 'x' }] }, /spec\.template\.spec\.containers\[0\]\.name is not valid/],
  ])('%s', (_, spec, message) => {
    expect(() => withSpec(spec)).toThrow(RevisionError);
    expect(() => withSpec(spec)).toThrow(message);
  });

  it('without showing the key that it holds', () => {
    expect(() => withSpec(agent({ env: [{ name: 'SLUICE_PROVIDER_API_KEY', value: 'sk-1' }] }))).not.toThrow(/sk-1/);
  });
});
