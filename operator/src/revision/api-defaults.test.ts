import type { PodTemplateSpec } from '@sluice/kube';
import { describe, expect, it } from 'vitest';
import { withoutApiDefaults } from './api-defaults.ts';

const bare = { name: 'c', image: 'i:1' };
const normal = (spec: object): PodTemplateSpec['spec'] => withoutApiDefaults({ spec: { containers: [bare], ...spec } }).spec;
const normalContainer = (fields: object) => normal({ containers: [{ ...bare, ...fields }] }).containers[0];

describe('withoutApiDefaults drops from a container', () => {
  const probe = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3, initialDelaySeconds: 0, httpGet: { path: '/', scheme: 'HTTP', port: 1 } };
  it.each([
    ['the termination message', { terminationMessagePath: '/dev/termination-log', terminationMessagePolicy: 'File' }, {}],
    ['protocol TCP', { ports: [{ containerPort: 1, protocol: 'TCP' }, { containerPort: 2, protocol: 'UDP' }] }, { ports: [{ containerPort: 1 }, { containerPort: 2, protocol: 'UDP' }] }],
    ['the version of a field reference', { env: [{ name: 'A', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'x' } } }] }, { env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'x' } } }] }],
    ['the times of a probe', { livenessProbe: probe }, { livenessProbe: { httpGet: { port: 1 } } }],
    ['scheme and path of a hook', { lifecycle: { preStop: { httpGet: { path: '/', scheme: 'HTTP', port: 1 } } } }, { lifecycle: { preStop: { httpGet: { port: 1 } } } }],
    ['empty lists and members', { env: [], command: [], resources: { limits: {} }, securityContext: {}, lifecycle: null }, {}],
    ['undefined members', { args: undefined }, {}],
    ['what is said by saying nothing', { stdin: false, tty: false, workingDir: '', volumeMounts: [{ name: 'v', mountPath: '/v', readOnly: false, subPath: '' }], imagePullPolicy: '' }, { volumeMounts: [{ name: 'v', mountPath: '/v' }] }],
    ['the difference between no value and an empty one', { env: [{ name: 'A' }, { name: 'B', value: '' }] }, { env: [{ name: 'A', value: '' }, { name: 'B', value: '' }] }],
    ['a probe without times', { livenessProbe: { timeoutSeconds: 0, periodSeconds: 0, exec: { command: ['x'] } } }, { livenessProbe: { exec: { command: ['x'] } } }],
    ['that a reference is required', { envFrom: [{ prefix: '', secretRef: { name: 's', optional: false } }, { configMapRef: { name: 'c', optional: true } }] }, { envFrom: [{ secretRef: { name: 's' } }, { configMapRef: { name: 'c', optional: true } }] }],
    ['spellings of a quantity', { resources: { requests: { cpu: '1000m', memory: '1024Mi' }, limits: { cpu: 1 } } }, { resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '1' } } }],
    ['a divisor of nothing', { env: [{ name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '0' } } }] }, { env: [{ name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } }] }],
  ])('%s', (_, fields, expected) => {
    expect(normalContainer(fields)).toEqual({ ...bare, ...expected });
  });

  it.each([
    ['i', 'Always', undefined], ['i:latest', 'Always', undefined], ['host:5000/i', 'Always', undefined], ['i:1', 'IfNotPresent', undefined],
    ['host:5000/i:1', 'IfNotPresent', undefined], ['i@sha256:ab', 'IfNotPresent', undefined], ['i:latest@sha256:ab', 'Always', undefined],
    ['i', 'IfNotPresent', 'IfNotPresent'], ['i:1', 'Always', 'Always'], ['i:1', 'Never', 'Never'],
  ])('the pull policy of image %s: %s becomes %s', (image, imagePullPolicy, expected) => {
    expect(normalContainer({ image, imagePullPolicy })?.imagePullPolicy).toBe(expected);
    expect(normal({ initContainers: [{ name: 'i', image, imagePullPolicy }] }).initContainers?.[0]?.imagePullPolicy).toBe(expected);
  });
});

describe('withoutApiDefaults drops from a pod', () => {
  it.each([
    ['policies', { dnsPolicy: 'ClusterFirst', restartPolicy: 'Always', schedulerName: 'default-scheduler' }, {}],
    ['the operator of a toleration', { tolerations: [{ key: 'k', operator: 'Equal' }] }, { tolerations: [{ key: 'k' }] }],
    ['what is no', { hostNetwork: false, hostPID: false, hostIPC: false, nodeName: '', priorityClassName: '' }, {}],
    ['that a volume without a source is empty', { volumes: [{ name: 'a' }] }, { volumes: [{ name: 'a', emptyDir: {} }] }],
    ['the pull policy of an image volume', { volumes: [{ name: 'a', image: { reference: 'i:1', pullPolicy: 'IfNotPresent' } }] }, { volumes: [{ name: 'a', image: { reference: 'i:1' } }] }],
    ['spellings of a size', { overhead: { cpu: '0.25' }, volumes: [{ name: 'a', emptyDir: { sizeLimit: '1024Ki', medium: '' } }] }, { overhead: { cpu: '250m' }, volumes: [{ name: 'a', emptyDir: { sizeLimit: '1Mi' } }] }],
    ['the mode of files', { volumes: [{ name: 'a', configMap: { name: 'x', defaultMode: 420 } }, { name: 'b', secret: { secretName: 's', defaultMode: 420 } }] }, { volumes: [{ name: 'a', configMap: { name: 'x' } }, { name: 'b', secret: { secretName: 's' } }] }],
    ['what it fills into a claim', { volumes: [{ name: 'a', ephemeral: { volumeClaimTemplate: { metadata: {}, spec: { volumeMode: 'Filesystem', accessModes: ['x'] } } } }] }, { volumes: [{ name: 'a', ephemeral: { volumeClaimTemplate: { spec: { accessModes: ['x'] } } } }] }],
    ['the hour of a token', { volumes: [{ name: 'a', projected: { defaultMode: 420, sources: [{ serviceAccountToken: { path: 't', expirationSeconds: 3600 } }] } }] }, { volumes: [{ name: 'a', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } }] }],
  ])('%s', (_, spec, expected) => {
    expect(normal(spec)).toEqual({ containers: [bare], ...expected });
  });
});

describe('withoutApiDefaults keeps', () => {
  it.each([
    ['a volume source that is empty', { volumes: [{ name: 'a', emptyDir: {} }] }],
    ['values that differ from the default', { dnsPolicy: 'None', volumes: [{ name: 'a', secret: { secretName: 's', defaultMode: 288 } }] }],
    ['values that are empty and mean it', { nodeSelector: { disk: '' }, volumes: [{ name: 'a', ephemeral: { volumeClaimTemplate: { spec: { storageClassName: '' } } } }] }],
    ['fields that the operator always sets', { terminationGracePeriodSeconds: 30, enableServiceLinks: true, automountServiceAccountToken: true }],
    ['false', { hostUsers: false }],
  ])('%s', (_, spec) => {
    expect(normal(spec)).toEqual({ containers: [bare], ...spec });
  });
});
