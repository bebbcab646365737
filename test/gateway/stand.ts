import { setTimeout as sleep } from 'node:timers/promises';
import type { Kubectl } from '../story/kubectl.ts';
import { SEEN_PATH, type SeenRequest } from './pods/echo-server.ts';
import type { LoadOptions, LoadSummary } from './pods/load-client.ts';
import { askScript, SCRIPT_PORT, scriptPod, scriptsConfigMap } from './script-pod.ts';

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
      await scriptsConfigMap(namespace),
      ...(['stable', 'canary'] as const).flatMap((name) => [echoPod(name, namespace, testToolsImage), echoService(name, namespace)]),
      scriptPod({ name: 'load', namespace, image: testToolsImage, script: 'load-main.ts', ports: [SCRIPT_PORT], env: {} }),
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

  async #ask<T>(pod: string, path: string, query: Readonly<Record<string, string>>): Promise<T> {
    const { kubectl, namespace, signal } = this.#options;
    return (await askScript(kubectl, { namespace, pod, path, query }, { signal, timeoutMs: READY_TIMEOUT_MS })) as T;
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

function echoPod(name: EchoName, namespace: string, image: string): object {
  const ports = [SCRIPT_PORT, MIRROR_PORT];
  return scriptPod({ name, namespace, image, script: 'echo-main.ts', ports, env: { REVISION: name, PORTS: ports.join(',') } });
}

function echoService(name: EchoName, namespace: string): object {
  const ports = [
    { name: 'http', port: SERVICE_PORTS.http, targetPort: SCRIPT_PORT },
    { name: 'mirror', port: SERVICE_PORTS.mirror, targetPort: MIRROR_PORT },
  ];
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec: { selector: { app: name }, ports } };
}
