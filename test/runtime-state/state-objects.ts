import type { AgentDeploymentSpec } from '@sluice/crds';
import { digestOfKey } from '../../runtime/src/server/access/api-keys.ts';
import { SCRIPT_PORT, scriptPod } from '../gateway/script-pod.ts';

export const NAMESPACE = 'sluice-state';
/** Answers requests. */
export const SERVER = 'support';
/** Works on jobs alone. */
export const WORKER = 'batch';
export const RECEIVER = 'receiver';
/** Pods that ask: `web` is let in by its ServiceAccount, `stranger` is not. */
export const CLIENTS = ['web', 'stranger'] as const;
export type Client = (typeof CLIENTS)[number];

const ACCESS = 'callers';
const ACCESS_KEY = 'access.json';
const DATABASE = 'database';
const CACHE = 'cache';
const TOKEN_FOLDER = '/var/run/tokens';
export const TOKEN_FILE = `${TOKEN_FOLDER}/agent`;
/** Milliseconds that the receiver takes: longer than the 2 s that a pod has left when it is deleted by force, so that a worker dies in the middle of a write. */
const RECEIVER_MS = 8_000;
const USER = 65_532;
/** Jobs that a pod works on at a time. */
export const CONCURRENCY = 3;

/** Two keys of one person, of whom the second takes the place of the first. */
export const keys = { first: 'first-key-of-ann', second: 'second-key-of-ann' } as const;

export function accessSecret(valid: readonly (keyof typeof keys)[]): object {
  const entries = valid.map((name) => ({ id: `ann-${name}`, subject: 'ann', tenant: 'shop', sha256: digestOfKey(keys[name]), roles: [] }));
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name: ACCESS, namespace: NAMESPACE }, stringData: { [ACCESS_KEY]: JSON.stringify({ keys: entries }) } };
}

interface StorePod {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly port: number;
}

function storePod({ name, image, command, port }: StorePod): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: NAMESPACE },
    spec: {
      replicas: 1,
      strategy: { type: 'Recreate' },
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          terminationGracePeriodSeconds: 5,
          securityContext: { runAsNonRoot: true, runAsUser: USER, runAsGroup: USER, fsGroup: USER, seccompProfile: { type: 'RuntimeDefault' } },
          volumes: [{ name: 'data', emptyDir: {} }, { name: 'tmp', emptyDir: {} }],
          containers: [
            {
              name,
              image,
              imagePullPolicy: 'IfNotPresent',
              command,
              ports: [{ containerPort: port }],
              resources: { requests: { cpu: '50m', memory: '64Mi' } },
              volumeMounts: [{ name: 'data', mountPath: '/data' }, { name: 'tmp', mountPath: '/tmp' }],
              readinessProbe: { tcpSocket: { port }, periodSeconds: 1 },
              securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
            },
          ],
        },
      },
    },
  };
}

function service(name: string, port: number): object {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: NAMESPACE }, spec: { selector: { app: name }, ports: [{ port, targetPort: port }] } };
}

const startPostgres = [
  'set -e; test -f /data/db/PG_VERSION || initdb -D /data/db -U sluice --auth=trust --encoding=UTF8 --locale=C --no-sync',
  'echo "host all all all trust" >> /data/db/pg_hba.conf',
  "exec postgres -D /data/db -c listen_addresses='*' -c unix_socket_directories= -c fsync=off -c shared_buffers=32MB -c max_connections=200",
].join('\n');

/** Both servers, and the Secrets that say where they are. What Valkey keeps ends with its pod. */
export function storeObjects(image: string): readonly object[] {
  const url = (name: string, value: string): object => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: NAMESPACE }, stringData: { url: value } });
  return [
    storePod({ name: 'postgres', image, command: ['sh', '-c', startPostgres], port: 5432 }),
    service('postgres', 5432),
    storePod({ name: 'valkey', image, command: ['valkey-server', '--bind', '0.0.0.0', '--protected-mode', 'no', '--save', '', '--appendonly', 'no', '--dir', '/data'], port: 6379 }),
    service('valkey', 6379),
    url(DATABASE, `postgres://sluice@postgres.${NAMESPACE}.svc:5432/postgres`),
    url(CACHE, `redis://valkey.${NAMESPACE}.svc:6379/0`),
  ];
}

/** A pod that asks, with a token of its own ServiceAccount for the agent. */
function clientPod(name: Client, image: string): object {
  const pod = scriptPod({ name, namespace: NAMESPACE, image, script: 'ask-main.ts', ports: [SCRIPT_PORT], env: {} }) as { readonly spec: { readonly volumes: readonly object[]; readonly containers: readonly [{ readonly volumeMounts: readonly object[] }] } };
  const [container] = pod.spec.containers;
  const token = { name: 'token', projected: { sources: [{ serviceAccountToken: { path: 'agent', audience: `${SERVER}.${NAMESPACE}.svc` } }] } };
  return { ...pod, spec: { ...pod.spec, serviceAccountName: name, volumes: [...pod.spec.volumes, token], containers: [{ ...container, volumeMounts: [...container.volumeMounts, { name: 'token', mountPath: TOKEN_FOLDER }] }] } };
}

/** Those who ask, and who is told of refunds. */
export function peerObjects(testToolsImage: string): readonly object[] {
  return [
    ...CLIENTS.map((name) => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: NAMESPACE } })),
    ...CLIENTS.map((name) => clientPod(name, testToolsImage)),
    scriptPod({ name: RECEIVER, namespace: NAMESPACE, image: testToolsImage, script: 'echo-main.ts', ports: [SCRIPT_PORT], env: { REVISION: RECEIVER } }),
    service(RECEIVER, SCRIPT_PORT),
  ];
}

const refund = {
  name: 'refund',
  description: 'Refund an order by its number.',
  parameters: { type: 'object', properties: { order_id: { type: 'string' } }, required: ['order_id'] },
  http: { method: 'POST', url: `http://${RECEIVER}.${NAMESPACE}.svc:${SCRIPT_PORT}/refunds?hold=${RECEIVER_MS}`, allowedHosts: [`${RECEIVER}.${NAMESPACE}.svc`] },
  timeout: '15s',
  effect: 'Write',
  idempotent: true,
};

interface AgentObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: AgentDeploymentSpec;
}

/** The agent of that name with the prompt: another prompt is another revision. */
export function agentObject(name: typeof SERVER | typeof WORKER, prompt: string): AgentObject {
  const spec = {
    replicas: 2,
    mode: name === WORKER ? 'Worker' : 'Service',
    agent: { model: { providerRef: { name: 'demo' }, name: 'claude-sonnet-5-5', parameters: { maxOutputTokens: 1_024 } }, prompt: { inline: prompt }, tools: [refund], limits: { requestTimeout: '20s' } },
    state: { postgres: { urlSecretRef: { name: DATABASE, key: 'url' } }, redis: { urlSecretRef: { name: CACHE, key: 'url' } } },
    jobs: { concurrency: CONCURRENCY },
    access: { keysSecretRef: { name: ACCESS, key: ACCESS_KEY }, serviceAccounts: { audience: `${SERVER}.${NAMESPACE}.svc`, accounts: [{ namespace: NAMESPACE, name: 'web', tenant: 'shop' }] } },
    template: { spec: { containers: [{ name: 'agent', resources: { requests: { cpu: '20m', memory: '96Mi' } } }] } },
    rollout: { steps: [{ weight: 50, duration: '10s' }], progressDeadline: '4m', maxDuration: '10m' },
  };
  return { apiVersion: 'sluice.dev/v1alpha1', kind: 'AgentDeployment', metadata: { name, namespace: NAMESPACE }, spec: spec as unknown as AgentDeploymentSpec };
}
