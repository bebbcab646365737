import { Agent, request } from 'undici';
import { expect } from 'vitest';
import { call, type TestCluster } from './test-cluster.ts';

const types = { POST: 'application/json', MergePatch: 'application/merge-patch+json', JsonPatch: 'application/json-patch+json' } as const;

/** Writes AgentDeployments of one namespace, each of which must be taken, and tells what the API server warns of. */
export class WarnedWrites {
  readonly #cluster: TestCluster;
  readonly #namespace: string;
  readonly #dispatcher: Agent;

  private constructor(cluster: TestCluster, namespace: string, dispatcher: Agent) {
    this.#cluster = cluster;
    this.#namespace = namespace;
    this.#dispatcher = dispatcher;
  }

  static async open(cluster: TestCluster, namespace: string): Promise<WarnedWrites> {
    const { ca } = await cluster.connection.trust();
    const { certificate } = await cluster.connection.credentials.current(call);
    const dispatcher = new Agent({ connect: { ...(ca === undefined ? {} : { ca }), ...(certificate === undefined ? {} : { cert: certificate.cert, key: certificate.key }) } });
    return new WarnedWrites(cluster, namespace, dispatcher);
  }

  create(object: object): Promise<string[]> {
    return this.#sent('POST', '', object);
  }

  merge(name: string, change: object): Promise<string[]> {
    return this.#sent('MergePatch', `/${name}`, change);
  }

  patch(name: string, changes: readonly object[]): Promise<string[]> {
    return this.#sent('JsonPatch', `/${name}`, changes);
  }

  async close(): Promise<void> {
    await this.#dispatcher.close();
  }

  async #sent(how: keyof typeof types, path: string, body: unknown): Promise<string[]> {
    const { server, credentials } = this.#cluster.connection;
    const credential = await credentials.current(call);
    const answer = await request(`${server}/apis/sluice.dev/v1alpha1/namespaces/${this.#namespace}/agentdeployments${path}`, {
      dispatcher: this.#dispatcher, method: how === 'POST' ? 'POST' : 'PATCH', body: JSON.stringify(body), signal: AbortSignal.timeout(20_000),
      headers: { 'content-type': types[how], ...(credential.authorization === undefined ? {} : { authorization: credential.authorization }) },
    });
    const text = await answer.body.text();
    expect(`${answer.statusCode}${answer.statusCode < 300 ? '' : text}`).toMatch(/^20[01]$/);
    return [answer.headers['warning'] ?? []].flat().flatMap((header) => [...header.matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)].map(([, sentence = '']) => sentence));
  }
}
