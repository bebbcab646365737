import type { KubeObject, ResourceType } from '@sluice/kube';
import { call, type TestCluster } from '../../integration/test-cluster.ts';

/** No test looks that long, seconds. */
const watchSeconds = 300;

interface WatchLine {
  readonly type: string;
  readonly object: KubeObject;
}

/** When objects of one namespace were deleted, or were told to go, whichever was first: counted as etcd counts its writes. */
export class DeletionLog {
  readonly #stop = new AbortController();
  readonly #gone = new Map<string, number>();
  readonly #reading: Promise<void>[] = [];

  /** Resolves when the API server has begun to tell. */
  static async start(cluster: TestCluster, namespace: string, types: readonly ResourceType[]): Promise<DeletionLog> {
    const log = new DeletionLog();
    for (const type of types) {
      const { resourceVersion } = await cluster.admin.list(type, { namespace }, call);
      const stream = await cluster.admin.watch(type, { namespace, resourceVersion, timeoutSeconds: watchSeconds }, { signal: log.#stop.signal });
      log.#reading.push(log.#read(stream));
    }
    return log;
  }

  /** "Kind name" by order of going. */
  get order(): readonly string[] {
    return [...this.#gone].toSorted(([, left], [, right]) => left - right).map(([title]) => title);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#reading);
  }

  async #read(stream: AsyncIterable<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let rest = '';
    try {
      for await (const chunk of stream) {
        const lines = `${rest}${decoder.decode(chunk, { stream: true })}`.split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) this.#note(JSON.parse(line) as WatchLine);
      }
    } catch (error) {
      if (!this.#stop.signal.aborted) throw error;
    }
  }

  #note({ type, object: { kind, metadata } }: WatchLine): void {
    if (type !== 'DELETED' && metadata.deletionTimestamp === undefined) return;
    const title = `${kind} ${metadata.name}`;
    if (!this.#gone.has(title)) this.#gone.set(title, Number(metadata.resourceVersion));
  }
}
