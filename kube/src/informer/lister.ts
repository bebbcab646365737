import type { KubeClient } from '../client/kube-client.ts';
import { isKubeObject } from '../client/response.ts';
import { isGone, KubeError } from '../kube-error.ts';
import type { KubeObject } from '../object.ts';
import type { ResourceType } from '../resource-type.ts';

export interface Selection {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

export interface Snapshot<T> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
}

export interface ListerOptions<T extends KubeObject> {
  readonly client: KubeClient;
  readonly type: ResourceType<T>;
  readonly selection: Selection;
  readonly pageSize: number;
  readonly onMalformed: (error: KubeError) => void;
}

/** Reads all objects at one version, page by page. When the pages' snapshot expires underway it is read once more in one piece. */
export async function listSnapshot<T extends KubeObject>(options: ListerOptions<T>, call: { signal: AbortSignal }): Promise<Snapshot<T>> {
  try {
    return await readPages(options, options.pageSize, call);
  } catch (error) {
    if (!isGone(error)) throw error;
    return readPages(options, undefined, call);
  }
}

async function readPages<T extends KubeObject>(options: ListerOptions<T>, limit: number | undefined, call: { signal: AbortSignal }): Promise<Snapshot<T>> {
  const { client, type, selection, onMalformed } = options;
  const query = { ...selection, ...(limit === undefined ? {} : { limit }) };
  const items: T[] = [];
  let page = await client.list(type, query, call);
  for (;;) {
    for (const item of page.items) {
      if (isKubeObject(item)) items.push(item);
      else onMalformed(new KubeError({ code: 0, reason: 'Malformed', message: `the list of ${type.plural} holds an object without metadata.name; skipped` }));
    }
    if (page.continue === undefined) return { items, resourceVersion: page.resourceVersion };
    page = await client.list(type, { ...query, continue: page.continue }, call);
  }
}
