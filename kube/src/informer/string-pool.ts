import type { KubeMetrics } from '../metrics/kube-metrics.ts';

/** Shorter texts the parser shares by itself; longer ones are seldom said twice. UTF-16 units. */
const SHORTEST = 11;
const LONGEST = 256;
/** Most of them, such as uids and times, are said once: they push the others out, which cost one more copy then. */
const MOST_TEXTS = 4096;

/**
 * One copy of each text for all who hold it: objects of a kind say the same again and again, and the parser of JSON makes each a text of
 * its own. Forgets all when it is full, so that its size does not depend on how many informers have it.
 */
export class StringPool {
  readonly #texts = new Map<string, string>();
  readonly #metrics: Pick<KubeMetrics, 'textPoolReset'> | undefined;

  constructor({ metrics }: { readonly metrics?: Pick<KubeMetrics, 'textPoolReset'> } = {}) {
    this.#metrics = metrics;
  }

  /** The copy to keep in place of `text`. */
  share(text: string): string {
    if (text.length < SHORTEST || text.length > LONGEST) return text;
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    if (this.#texts.size === MOST_TEXTS) this.#reset();
    this.#texts.set(text, text);
    return text;
  }

  /** Puts shared copies into a JSON value that is not frozen, all the way down; what is frozen already stays as it is. */
  shareIn(value: unknown): void {
    if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
    if (Array.isArray(value)) for (let at = 0; at < value.length; at++) this.#shareMember(value as unknown as Record<number, unknown>, at);
    else for (const key in value) this.#shareMember(value as Record<string, unknown>, key);
  }

  #reset(): void {
    this.#texts.clear();
    this.#metrics?.textPoolReset();
  }

  #shareMember(owner: Record<string | number, unknown>, key: string | number): void {
    const member = owner[key];
    if (typeof member === 'string') owner[key] = this.share(member);
    else this.shareIn(member);
  }
}
