import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Kubectl } from '../story/kubectl.ts';
import { SEEN_PATH, type SeenRequest } from './pods/echo-server.ts';
import type { LoadOptions, LoadSummary } from './pods/load-client.ts';

/** The Gateway under test. */
export interface GatewayAddress {
  readonly namespace: string;
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

export interface StandOptions {
  readonly kubectl: Kubectl;
  readonly gateway: GatewayAddress;
  readonly namespace: string;
  readonly testToolsImage: string;
  readonly signal: AbortSignal;
}

export type EchoName = 'stable' | 'canary';

const SCRIPTS = ['echo-server.ts', 'echo-main.ts', 'load-client.ts', 'load-main.ts'];
export const ECHO_PORT = 8080;
export const MIRROR_PORT = 8082;
/** Of the Services. */
export const SERVICE_PORTS = { http: 80, mirror: 81 } as const;
const ROUTE = 'split';
/** Keeps the route apart from all others of the Gateway. */
const HOST = 'routing.gateway.test';
const READY_TIMEOUT_MS = 90_000;
/** Envoy has the route a moment after its status says so; up to 250 ms were seen. */
const SETTLE_MS = 2_000;

/** Two revisions that echo, and a pod that sends requests to them through the Gateway. */
export class Stand {
  readonly #options: StandOptions;

  constructor(options: StandOptions) {
    this.#options = options;
  }

  async build(): Promise<void> {
    const { namespace, testToolsImage } = this.#options;
    await this.#kubectl(['delete', 'namespace', namespace, '--ignore-not-found', '--wait=true', '--timeout=80s']);
    await this.#apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }]);
    await this.#apply([
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'scripts', namespace }, data: await scripts() },
      ...(['stable', 'canary'] as const).flatMap((name) => [echoPod(name, namespace, testToolsImage), echoService(name, namespace)]),
      scriptPod({ name: 'load', namespace, image: testToolsImage, script: 'load-main.ts', ports: [ECHO_PORT], env: {} }),
    ]);
    await this.#kubectl(['-n', namespace, 'wait', 'pods', '--all', '--for=condition=Ready', '--timeout=80s']);
  }

  async remove(): Promise<void> {
    await this.#kubectl(['delete', 'namespace', this.#options.namespace, '--ignore-not-found', '--wait=false']);
  }

  /** Puts the rules into force and waits until the Gateway has taken them. Throws when it refuses them. */
  async route(rules: readonly object[]): Promise<void> {
    const { gateway, namespace, signal } = this.#options;
    const metadata = { name: ROUTE, namespace };
    const parentRefs = [{ namespace: gateway.namespace, name: gateway.name }];
    await this.#apply([{ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', metadata, spec: { parentRefs, hostnames: [HOST], rules } }]);
    for (let waitedMs = 0; ; waitedMs += 100) {
      const problem = whyNotTaken(JSON.parse(await this.#kubectl(['-n', namespace, 'get', 'httproute', ROUTE, '-o', 'json'])) as RouteObject);
      if (problem === undefined) break;
      if (waitedMs > 30_000) throw new Error(`the Gateway did not take the route within 30 s: ${problem}`);
      await sleep(100, undefined, { signal });
    }
    await sleep(SETTLE_MS, undefined, { signal });
  }

  /** Sends `requests` requests and waits for their answers. */
  async run(options: Omit<LoadOptions, 'url'>): Promise<LoadSummary> {
    return this.#ask<LoadSummary>('load', '/run', { options: this.#toGateway(options) });
  }

  async start(name: string, options: Omit<LoadOptions, 'url'>): Promise<void> {
    await this.#ask('load', '/start', { name, options: this.#toGateway(options) });
  }

  async stop(name: string): Promise<LoadSummary> {
    return this.#ask<LoadSummary>('load', '/stop', { name });
  }

  /** What the pod received, the oldest first; at most the last 5,000. */
  async seen(name: EchoName): Promise<readonly SeenRequest[]> {
    return this.#ask<readonly SeenRequest[]>(name, SEEN_PATH, {});
  }

  #toGateway(options: Omit<LoadOptions, 'url'>): string {
    const { address, port } = this.#options.gateway;
    return JSON.stringify({ ...options, url: `http://${address}:${port}/`, headers: { ...options.headers, host: HOST } });
  }

  /** By way of the API server, which works wherever kubectl does. */
  async #ask<T>(pod: string, path: string, query: Readonly<Record<string, string>>): Promise<T> {
    const search = new URLSearchParams(query).toString();
    return JSON.parse(await this.#kubectl(['get', '--raw', `/api/v1/namespaces/${this.#options.namespace}/pods/${pod}:${ECHO_PORT}/proxy${path}?${search}`])) as T;
  }

  async #apply(items: readonly object[]): Promise<void> {
    await this.#kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  }

  async #kubectl(args: readonly string[], input?: string): Promise<string> {
    const { kubectl, signal } = this.#options;
    return kubectl(args, { signal, timeoutMs: READY_TIMEOUT_MS, ...(input === undefined ? {} : { input }) });
  }
}

interface RouteObject {
  readonly metadata: { readonly generation?: number };
  readonly status?: { readonly parents?: readonly { readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message: string; readonly observedGeneration?: number }[] }[] };
}

function whyNotTaken({ metadata, status }: RouteObject): string | undefined {
  const conditions = status?.parents?.flatMap((parent) => parent.conditions ?? []) ?? [];
  const lacking = ['Accepted', 'ResolvedRefs'].filter((type) => !conditions.some((one) => one.type === type && one.status === 'True' && one.observedGeneration === metadata.generation));
  return lacking.length === 0 ? undefined : `${lacking.join(' and ')} lacking; it says ${JSON.stringify(conditions.map((one) => `${one.type}=${one.status} ${one.message}`))}`;
}

async function scripts(): Promise<Readonly<Record<string, string>>> {
  const texts = await Promise.all(SCRIPTS.map(async (name) => [name, await readFile(new URL(`pods/${name}`, import.meta.url), 'utf8')] as const));
  return { ...Object.fromEntries(texts), 'package.json': '{"type":"module"}' };
}

interface ScriptPod {
  readonly name: string;
  readonly namespace: string;
  readonly image: string;
  readonly script: string;
  readonly ports: readonly number[];
  readonly env: Readonly<Record<string, string>>;
}

function echoPod(name: EchoName, namespace: string, image: string): object {
  const ports = [ECHO_PORT, MIRROR_PORT];
  return scriptPod({ name, namespace, image, script: 'echo-main.ts', ports, env: { REVISION: name, PORTS: ports.join(',') } });
}

function scriptPod({ name, namespace, image, script, ports, env }: ScriptPod): object {
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
          volumeMounts: [{ name: 'scripts', mountPath: '/scripts' }],
          readinessProbe: { httpGet: { path: '/_ready', port: ECHO_PORT }, periodSeconds: 1 },
          securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  };
}

function echoService(name: EchoName, namespace: string): object {
  const ports = [
    { name: 'http', port: SERVICE_PORTS.http, targetPort: ECHO_PORT },
    { name: 'mirror', port: SERVICE_PORTS.mirror, targetPort: MIRROR_PORT },
  ];
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec: { selector: { app: name }, ports } };
}
