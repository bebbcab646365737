import type { Release } from '@sluice/crds';
import { isWrite } from './api-request.ts';
import type { Fate, RecordedRequest, RecordingProxy } from './recording-proxy.ts';

interface Body {
  readonly metadata?: { readonly name?: string };
  readonly status?: Release['status'];
}

/**
 * What a write is, in words: two with the same words are the same write, done again. Counts of requests may be stored at any time, so those of a
 * release are told apart by what it went through and whose wish it answered.
 */
export function titleOf(request: RecordedRequest): string {
  const body = bodyOf(request);
  const name = request.name === '' ? (body.metadata?.name ?? '') : request.name;
  return `${request.verb} ${request.resource} ${name}${request.resource === 'releases/status' ? standingIn(body) : ''}`;
}

/** What is deleted has options, or nothing. */
function bodyOf({ body }: RecordedRequest): Body {
  return body === '' ? {} : (JSON.parse(body) as Body);
}

function standingIn({ status = {} }: Body): string {
  const { transitions = [], handledIntent } = status;
  return ` with ${transitions.length} transitions, now ${transitions.at(-1)?.phase ?? ''}, answer to ${handledIntent?.requestId ?? 'nobody'}`;
}

/** Whether anything is decided by what the request writes. An event follows the write that it tells of: right before it is right after that. */
function changesState(request: RecordedRequest): boolean {
  return isWrite(request) && request.resource !== 'leases' && request.resource !== 'events';
}

/** The writes among `requests` that were made. */
export function made(requests: readonly RecordedRequest[]): readonly RecordedRequest[] {
  return requests.filter((request) => changesState(request) && request.code < 300);
}

/** Every write is lost with one life and, when it is tried again, made with the end of another; so is the taking of the lease, once. */
export class Deaths {
  readonly #lost: string[] = [];
  readonly #made: string[] = [];

  /** Titles of the writes that were lost with a life. */
  get lost(): readonly string[] {
    return this.#lost;
  }

  /** Titles of the writes that were made with the end of a life. */
  get made(): readonly string[] {
    return this.#made;
  }

  /** Prepares the death of an operator. */
  awaits(proxy: RecordingProxy): void {
    proxy.cutAtWrites((write) => this.#fateOf(write));
    void proxy.cutWrite.then((write) => (write.code === 0 ? this.#lost : this.#made).push(titleOf(write)));
  }

  #fateOf(write: RecordedRequest): Fate {
    const title = titleOf(write);
    const [lost, done] = [count(this.#lost, title), count(this.#made, title)];
    if (write.resource === 'leases' && done > 0) return 'passes';
    return lost > done ? 'after' : 'before';
  }
}

function count(titles: readonly string[], title: string): number {
  return titles.filter((each) => each === title).length;
}

/** Titles in words that are the same in each run of a story: a revision is called by its first release, and a pod by its revision. */
export function inWords(titles: readonly string[], found: readonly Release[]): readonly string[] {
  const inOrder = found.toSorted((left, right) => left.metadata.name.localeCompare(right.metadata.name));
  return [...new Set(titles.map((title) => inOrder.reduce((rest, { metadata, spec }) => rest.replaceAll(spec.revision, `of ${metadata.name}`), title).replace(podName, '$1')))];
}

/** What a ReplicaSet makes up for the names of its pods. */
const podName = /^(\S+ pods .*)-[a-z0-9]+-[a-z0-9]+$/;
