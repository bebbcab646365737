import { type ApiRequest, isWrite } from '../../../operator/src/integration/api-request.ts';
import type { Fate } from '../../../operator/src/integration/recording-proxy.ts';
import type { Kill } from './plan.ts';

/** Of these nothing is decided: leases are renewed by time, and an event follows the write that it tells of. */
const UNCOUNTED = ['leases', 'events'];
/** Questions that are asked by POST. */
const QUESTIONS = ['authentication.k8s.io', 'authorization.k8s.io'];

/** Whether a controller may be killed at the request. */
export function isCounted(request: ApiRequest): boolean {
  return isWrite(request) && !UNCOUNTED.includes(request.resource) && !QUESTIONS.includes(request.group);
}

/** `patch rollouts/status`: two with the same title do the same to one object or to several. */
export function titleOf({ verb, resource }: Pick<ApiRequest, 'verb' | 'resource'>): string {
  return `${verb} ${resource}`;
}

/** Counts the writes of one process from a moment on, and says which of them is its last. */
export class WriteCounter {
  readonly #kill: Kill | undefined;
  readonly #titles: string[] = [];
  #state: 'idle' | 'counting' = 'idle';

  constructor(kill: Kill | undefined) {
    this.#kill = kill;
  }

  /** Titles of those that were counted, in order. */
  get titles(): readonly string[] {
    return this.#titles;
  }

  begin(): void {
    this.#state = 'counting';
  }

  /** A write that is to be made and is refused, as by a conflict, was not made: the next one is the last, then. */
  fateOf(request: ApiRequest): Fate {
    if (this.#state === 'idle' || !isCounted(request)) return 'passes';
    this.#titles.push(titleOf(request));
    if (this.#kill === undefined || this.#titles.length < this.#kill.write) return 'passes';
    return this.#kill.variant === 'lost' ? 'before' : 'after';
  }
}
