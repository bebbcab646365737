import { readFile } from 'node:fs/promises';
import type { Kubectl, KubectlCall } from '../story/kubectl.ts';

/** What a script of pods/ listens on, for the API server's proxy and for readiness. */
export const SCRIPT_PORT = 8080;
const SCRIPTS = ['echo-server.ts', 'echo-main.ts', 'load-client.ts', 'load-main.ts', 'ask-main.ts'];

export interface ScriptPod {
  readonly name: string;
  readonly namespace: string;
  readonly image: string;
  readonly script: string;
  readonly ports: readonly number[];
  readonly env: Readonly<Record<string, string>>;
}

/** The scripts of pods/, which are mounted so that a change of them needs no new image. */
export async function scriptsConfigMap(namespace: string): Promise<object> {
  const texts = await Promise.all(SCRIPTS.map(async (name) => [name, await readFile(new URL(`pods/${name}`, import.meta.url), 'utf8')] as const));
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'scripts', namespace }, data: { ...Object.fromEntries(texts), 'package.json': '{"type":"module"}' } };
}

/** A pod that runs one of them. */
export function scriptPod({ name, namespace, image, script, ports, env }: ScriptPod): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { app: name } },
    spec: {
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: { runAsNonRoot: true, runAsUser: 65532, runAsGroup: 65532, seccompProfile: { type: 'RuntimeDefault' } },
      volumes: [{ name: 'scripts', configMap: { name: 'scripts' } }],
      containers: [
        {
          name: 'main',
          image,
          imagePullPolicy: 'IfNotPresent',
          args: [`/scripts/${script}`],
          env: Object.entries(env).map(([key, value]) => ({ name: key, value })),
          ports: ports.map((containerPort) => ({ containerPort })),
          // Without any, a busy node gives the pod next to no time.
          resources: { requests: { cpu: '50m', memory: '64Mi' } },
          volumeMounts: [{ name: 'scripts', mountPath: '/scripts' }],
          readinessProbe: { httpGet: { path: '/_ready', port: SCRIPT_PORT }, periodSeconds: 1 },
          securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  };
}

export interface ScriptQuestion {
  readonly namespace: string;
  readonly pod: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
}

/** The JSON that a script answers, by way of the API server, which works wherever kubectl does. Throws KubectlError. */
export async function askScript(kubectl: Kubectl, { namespace, pod, path, query }: ScriptQuestion, call: KubectlCall): Promise<unknown> {
  const search = new URLSearchParams(query).toString();
  return JSON.parse(await kubectl(['get', '--raw', `/api/v1/namespaces/${namespace}/pods/${pod}:${SCRIPT_PORT}/proxy${path}?${search}`], call));
}
