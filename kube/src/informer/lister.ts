import type { KubeClient } from '../client/kube-client.ts';
import { isKubeObject } from '../client/response.ts';
import { isGone, KubeError } from '../kube-error.ts';
import type { KubeObject } from '../object.ts';
import type { ResourceType } from '../resource-type.ts';
import type { Selection } from './selection.ts';

/** A list in one piece can be long: its deadline, milliseconds. */
const WHOLE_LIST_DEADLINE_MS = 300_000;

export interface Snapshot<T> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
}

export interface ListerOptions<T extends KubeObject> {
  readonly client: KubeClient;
  readonly type: ResourceType<T>;
  readonly selection: Selection;
  readonly pageSize: number;
  /** Makes an object as the cache holds it; must not throw. */
  readonly prepare: (object: T) => T;
  readonly onMalformed: (error: KubeError) => void;
}

/**
 * Reads all objects at one version, page by page, never from an old cache: no version is asked for, so the server answers with its
 * newest. When the pages' snapshot expires underway everything is read once more in one piece: the server's offer to go on with newer
 * pages would mix two versions, and a watch could then miss a change between them.
 */
export async function listSnapshot<T extends KubeObject>(options: ListerOptions<T>, call: { signal: AbortSignal }): Promise<Snapshot<T>> {
  try {
    return await readPages(options, { limit: options.pageSize }, { signal: call.signal });
  } catch (error) {
    if (!isGone(error)) throw error;
    return readPages(options, {}, { signal: call.signal, deadlineMs: WHOLE_LIST_DEADLINE_MS });
  }
}

async function readPages<T extends KubeObject>(options: ListerOptions<T>, size: { limit?: number }, call: { signal: AbortSignal; deadlineMs?: number }): Promise<Snapshot<T>> {
  const { client, type, selection } = options;
  const query = { ...selection, ...size };
  const items: T[] = [];
  let page = await client.list(type, query, call);
  const { resourceVersion } = page;
  for (;;) {
    for (const item of page.items) take(item, items, options);
    if (page.continue === undefined) return { items, resourceVersion };
    const token = page.continue;
    page = await client.list(type, { ...query, continue: token }, call);
    if (page.continue === token) throw malformed(`the list of ${type.plural} came back to the page it was on`);
  }
}

function take<T extends KubeObject>(item: T, items: T[], { type, prepare, onMalformed }: ListerOptions<T>): void {
  if (isKubeObject(item)) items.push(prepare(item));
  else onMalformed(malformed(`the list of ${type.plural} holds an object without metadata.name; skipped`));
}

function malformed(message: string): KubeError {
  return new KubeError({ code: 0, reason: 'Malformed', message });
}
