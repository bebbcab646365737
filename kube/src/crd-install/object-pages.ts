import type { CallOptions } from '../call-options.ts';
import type { KubeClient } from '../client/kube-client.ts';
import { isGone, KubeError } from '../kube-error.ts';
import { keyOf, type KubeObject, type ObjectKey } from '../object.ts';
import { metadataOnly, type ResourceType } from '../resource-type.ts';

/** Refusals of one page after another before pages are given up. A fresh token is of the newest version, so that not even a second one is expected. */
const MAX_EXPIRED = 5;

export interface ListedObject {
  readonly key: ObjectKey;
  readonly resourceVersion: string | undefined;
}

export interface ObjectPage {
  readonly objects: readonly ListedObject[];
  /** Goes on after this page; undefined after the last. */
  readonly resumeFrom: string | undefined;
}

export interface PagesOptions {
  /** Objects of one page. */
  readonly pageSize: number;
  /** Of an earlier page, however old. */
  readonly resumeFrom: string | undefined;
}

/**
 * Every object that is there from beginning to end, page by page, with any amount of time between two pages; of those made or deleted
 * meanwhile some. Holds one page of keys in memory. Etcd forgets a page's version after 5 to 10 minutes; the refusal then brings a token to
 * go on with at the same place on the newest version. Where it brings none, all objects come once more as one page of keys, from one answer.
 * Throws KubeError.
 */
export async function* objectPages(client: KubeClient, type: ResourceType, options: PagesOptions, call: CallOptions): AsyncGenerator<ObjectPage, void, undefined> {
  const { pageSize } = options;
  let from = options.resumeFrom;
  let expired = 0;
  do {
    const page = await read(client, type, { limit: pageSize, ...(from === undefined ? {} : { continue: from }) }, call);
    if ('refusal' in page) {
      from = page.refusal.freshContinue;
      expired += 1;
      if (from === undefined || expired > MAX_EXPIRED) return yield* whole(client, type, call);
    } else {
      from = page.resumeFrom;
      expired = 0;
      yield page;
    }
  } while (from !== undefined);
}

async function* whole(client: KubeClient, type: ResourceType, call: CallOptions): AsyncGenerator<ObjectPage, void, undefined> {
  const page = await read(client, type, {}, call);
  if ('refusal' in page) throw page.refusal;
  // Taken for all there is, objects would be missing unnoticed.
  if (page.resumeFrom !== undefined) throw new KubeError({ code: 0, reason: 'Malformed', message: `the list of ${type.plural} without limit was answered in part` });
  yield page;
}

async function read(client: KubeClient, type: ResourceType, query: { limit?: number; continue?: string }, call: CallOptions): Promise<ObjectPage | { readonly refusal: KubeError }> {
  try {
    const list = await client.list(metadataOnly(type), query, call);
    return { objects: list.items.map(listed), resumeFrom: list.continue };
  } catch (error) {
    if (query.continue !== undefined && isGone(error)) return { refusal: error };
    throw error;
  }
}

/** All but this is left to the garbage collector. */
function listed(object: KubeObject): ListedObject {
  return { key: keyOf(object), resourceVersion: object.metadata.resourceVersion };
}
