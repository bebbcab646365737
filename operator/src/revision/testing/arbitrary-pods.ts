import * as fc from 'fast-check';

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });
const name = fc.stringMatching(/^[a-z]{1,6}$/);
const flag = fc.boolean();
const amount = fc.constantFrom('100m', '0.1', '1', '1000m', '1.5', 2, '0.0015');
const bytes = fc.constantFrom('64Mi', '65536Ki', '67108864', '1Gi', '1024Mi', '1.5Gi', '512M', '0.5Gi', '1e8');
/** Requests stay below limits, which the API server checks. */
const resources = fc.record({ requests: fc.record({ cpu: amount, memory: bytes }, { requiredKeys: [] }), limits: fc.record({ cpu: fc.constantFrom(4, '4000m', '4.0'), memory: fc.constantFrom('4Gi', '4096Mi') }, { requiredKeys: [] }) }, { requiredKeys: [] });

const action = fc.oneof(
  fc.record({ httpGet: fc.record({ path: fc.constantFrom('/', '/x', ''), port: fc.constant(8081), scheme: fc.constantFrom('HTTP', 'HTTPS', '') }, { requiredKeys: ['port'] }) }),
  fc.record({ tcpSocket: fc.record({ port: fc.constant(8081), host: fc.constant('') }, { requiredKeys: ['port'] }) }),
  fc.constant({ exec: { command: ['true'] } }),
  fc.record({ grpc: fc.record({ port: fc.constant(8081), service: fc.constantFrom('', 'health') }, { requiredKeys: ['port'] }) }),
);
const times = { initialDelaySeconds: fc.constantFrom(0, 5), timeoutSeconds: fc.constantFrom(0, 1, 3), periodSeconds: fc.constantFrom(0, 10, 7), failureThreshold: fc.constantFrom(0, 3, 5) };
const probe = fc.tuple(action, fc.record(times, { requiredKeys: [] })).map(([what, when]) => ({ ...what, ...when }));
const hook = fc.constantFrom({ exec: { command: ['true'] } }, { httpGet: { port: 8081 } }, { httpGet: { path: '/', scheme: 'HTTP', port: 8081 } });

const valueFrom = fc.oneof(
  fc.record({ fieldRef: fc.record({ apiVersion: fc.constant('v1'), fieldPath: fc.constant('metadata.name') }, { requiredKeys: ['fieldPath'] }) }),
  fc.record({ resourceFieldRef: fc.record({ resource: fc.constant('limits.memory'), divisor: fc.constantFrom('0', '1Mi', '1024Ki') }, { requiredKeys: ['resource'] }) }),
  fc.record({ secretKeyRef: fc.record({ name, key: name, optional: flag }, { requiredKeys: ['name', 'key'] }) }),
);
const variable = fc.oneof(
  fc.record({ name: fc.stringMatching(/^[A-Z]{1,5}$/), value: fc.constantFrom('', 'x') }, { requiredKeys: ['name'] }),
  fc.record({ name: fc.stringMatching(/^[A-Z]{1,5}$/), valueFrom }),
);
const variables = fc.uniqueArray(variable, { maxLength: 3, selector: (each) => each.name });

const shared = {
  env: variables,
  envFrom: fc.array(fc.record({ prefix: fc.constantFrom('', 'P_'), secretRef: fc.record({ name, optional: flag }, { requiredKeys: ['name'] }) }, { requiredKeys: ['secretRef'] }), { maxLength: 2 }),
  resources,
  workingDir: fc.constantFrom('', '/work'),
  command: fc.constantFrom([], ['run']),
  stdin: flag,
  tty: flag,
  terminationMessagePath: fc.constantFrom('/dev/termination-log', '/tmp/last'),
  terminationMessagePolicy: fc.constantFrom('File', 'FallbackToLogsOnError'),
  securityContext: fc.record({ readOnlyRootFilesystem: flag, runAsUser: fc.constant(1000), capabilities: fc.constantFrom({}, { add: [] }, { drop: ['ALL'] }) }, { requiredKeys: [] }),
};
const serving = { livenessProbe: probe, readinessProbe: probe, lifecycle: fc.record({ postStart: hook }, { requiredKeys: [] }) };
const port = fc.record({ containerPort: fc.integer({ min: 9000, max: 9009 }), protocol: fc.constantFrom('TCP', 'UDP'), name: fc.constant('') }, { requiredKeys: ['containerPort'] });
const image = { image: fc.constantFrom('example.com/i', 'example.com/i:latest', 'example.com/i:1'), imagePullPolicy: fc.constantFrom('Always', 'IfNotPresent', '') };

const agentContainer = fc.record({ name: fc.constant('agent'), ...shared, ...serving }, { requiredKeys: ['name'] });
const sidecar = fc.record({ name: fc.constant('proxy'), ...image, ...shared, ...serving, ports: fc.uniqueArray(port, { maxLength: 2, selector: (each) => each.containerPort }) }, { requiredKeys: ['name', 'image'] });
const initContainer = fc.record({ name: fc.constant('load'), ...image, ...shared }, { requiredKeys: ['name', 'image'] });

const mode = fc.constantFrom(0o644, 0o400);
const source = fc.oneof(
  fc.constantFrom({}, { emptyDir: {} }, { emptyDir: { medium: '' } }, { emptyDir: { medium: 'Memory', sizeLimit: '1024Mi' } }, { emptyDir: { sizeLimit: '0.5Gi' } }),
  fc.record({ secret: fc.record({ secretName: name, optional: flag, defaultMode: mode, items: fc.constantFrom([], [{ key: 'a', path: 'b' }]) }, { requiredKeys: ['secretName'] }) }),
  fc.constantFrom({ hostPath: { path: '/h' } }, { hostPath: { path: '/h', type: '' } }, { persistentVolumeClaim: { claimName: 'c', readOnly: false } }, { nfs: { server: 's', path: '/p', readOnly: false } }),
  fc.record({ downwardAPI: fc.record({ defaultMode: mode, items: fc.constant([{ path: 'l', fieldRef: { fieldPath: 'metadata.labels' } }, { path: 'm', resourceFieldRef: { containerName: 'agent', resource: 'limits.memory', divisor: '1' } }]) }, { requiredKeys: [] }) }),
  fc.record({ projected: fc.record({ defaultMode: mode, sources: fc.constantFrom([], [{ serviceAccountToken: { path: 't' } }], [{ serviceAccountToken: { path: 't', expirationSeconds: 3600, audience: '' } }, { secret: { name: 's', optional: false } }]) }, { requiredKeys: [] }) }),
  fc.constantFrom({ csi: { driver: 'd', volumeAttributes: {} } }, { csi: { driver: 'd', fsType: '' } }, { image: { reference: 'example.com/i:1' } }, { image: { reference: 'example.com/i', pullPolicy: 'Always' } }),
  fc.constantFrom({ iscsi: { targetPortal: '1.2.3.4', iqn: 'iqn.2026-11.com.example:s', lun: 0 } }, { rbd: { monitors: ['m'], image: 'i' } }, { azureDisk: { diskName: 'd', diskURI: 'https://u' } }),
  fc.record({ ephemeral: fc.record({ volumeClaimTemplate: fc.record({ metadata: fc.constantFrom({}, { labels: { a: '' } }), spec: fc.record({ accessModes: fc.constant(['ReadWriteOnce']), storageClassName: fc.constantFrom('', 'fast'), volumeMode: fc.constant('Filesystem'), resources: fc.record({ requests: fc.record({ storage: bytes }) }) }, { requiredKeys: ['accessModes', 'resources'] }) }, { requiredKeys: ['spec'] }) }) }),
);

const term = { labelSelector: fc.constantFrom({ matchLabels: { a: '' } }, { matchLabels: {} }, { matchExpressions: [] }), topologyKey: fc.constant('zone') };
const pod = {
  containers: fc.tuple(maybe(agentContainer), maybe(sidecar)).map((found) => found.filter((each) => each !== undefined)),
  initContainers: maybe(initContainer).map((found) => (found === undefined ? [] : [found])),
  volumes: fc.array(source, { maxLength: 3 }).map((sources) => sources.map((each, index) => ({ name: `v${index}`, ...each }))),
  tolerations: fc.array(fc.record({ key: name, operator: fc.constantFrom('Equal', 'Exists'), effect: fc.constantFrom('NoSchedule', '') }, { requiredKeys: ['key'] }), { maxLength: 2 }),
  nodeSelector: fc.dictionary(name, fc.constantFrom('', 'x'), { maxKeys: 2, noNullPrototype: true }),
  affinity: fc.oneof(fc.constantFrom({}, { nodeAffinity: {} }, { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [] } }), fc.record({ podAntiAffinity: fc.record({ requiredDuringSchedulingIgnoredDuringExecution: fc.array(fc.record(term), { minLength: 1, maxLength: 1 }) }) })),
  dnsPolicy: fc.constantFrom('ClusterFirst', 'Default', ''),
  dnsConfig: fc.constantFrom({}, { searches: [] }, { options: [{ name: 'ndots', value: '' }] }),
  restartPolicy: fc.constant('Always'),
  schedulerName: fc.constantFrom('default-scheduler', 'other'),
  hostNetwork: fc.constant(false),
  hostPID: flag,
  hostname: fc.constantFrom('', 'h'),
  priorityClassName: fc.constantFrom('', 'high'),
  securityContext: fc.constantFrom({}, { sysctls: [] }, { fsGroup: 7 }),
  terminationGracePeriodSeconds: fc.integer({ min: 30, max: 90 }),
  imagePullSecrets: fc.constantFrom([], [{ name: 'pull' }]),
  hostAliases: fc.constantFrom([], [{ ip: '1.2.3.4', hostnames: ['h'] }]),
  topologySpreadConstraints: fc.constant([{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: {} } }]),
};

/** `spec.template` as people write it: what the API server fills in is said aloud here and there, and so is what says nothing. */
export const arbitraryPods = fc.record({
  metadata: fc.record({ labels: fc.dictionary(name, fc.constantFrom('', 'x'), { maxKeys: 2, noNullPrototype: true }), annotations: fc.dictionary(name, fc.constantFrom('', 'x'), { maxKeys: 2, noNullPrototype: true }) }, { requiredKeys: [] }),
  spec: fc.record(pod, { requiredKeys: [] }),
});
