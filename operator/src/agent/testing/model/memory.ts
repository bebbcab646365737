import { isDeepStrictEqual } from 'node:util';
import type { Release } from '@sluice/crds';
import type { AbstractCluster } from './abstract-cluster.ts';

/** What a witness of a history remembers, told by what was stored. */
export class Memory {
  /** By revision: the release with which it failed, was aborted or was undone last. */
  readonly rejected = new Map<string, string>();
  /** Revisions that somebody asked to try again since. */
  readonly retried = new Set<string>();
  /** By release: its spec without the intent. */
  readonly #specs = new Map<string, Release['spec']>();
  readonly #phases = new Map<string, string>();
  readonly #answers = new Map<string, string>();
  readonly #wishes = new Map<string, string>();

  /** Reads what is stored now; returns what must never be seen. */
  note(cluster: AbstractCluster): string | undefined {
    for (const release of cluster.releases.values()) {
      const broken = this.#specChanged(release) ?? this.#verdictChanged(release);
      if (broken !== undefined) return broken;
      this.#noteVerdict(release);
      this.#noteRetry(release);
    }
    return undefined;
  }

  #specChanged({ metadata: { name }, spec }: Release): string | undefined {
    const known = this.#specs.get(name);
    if (known === spec) return undefined;
    this.#specs.set(name, spec);
    return known === undefined || isDeepStrictEqual({ ...known, intent: undefined }, { ...spec, intent: undefined }) ? undefined : `the spec of ${name} changed`;
  }

  #verdictChanged({ metadata: { name }, status }: Release): string | undefined {
    const { completion } = status ?? {};
    const known = this.#phases.get(name);
    if (completion !== undefined) this.#phases.set(name, completion);
    return known === undefined || known === completion ? undefined : `${name} had ended as ${known} and is ${completion ?? 'on its way'}`;
  }

  #noteVerdict({ metadata: { name }, spec: { revision }, status }: Release): void {
    const { phase, undoTo } = status ?? {};
    const verdict = `${phase ?? ''}/${undoTo ?? ''}`;
    if (this.#answers.get(name) === verdict) return;
    this.#answers.set(name, verdict);
    // A wish that another spec came in between of has to be made anew.
    if (phase === 'Superseded' && status?.reason === 'SpecChanged') this.retried.delete(revision);
    if (phase === 'RolledBack' || phase === 'Aborted' || undoTo !== undefined) {
      this.rejected.set(revision, name);
      this.retried.delete(revision);
    } else if (phase === 'Promoted') {
      this.rejected.delete(revision);
      this.retried.delete(revision);
    }
  }

  #noteRetry({ metadata: { name }, spec: { revision }, status }: Release): void {
    const { verb, outcome, requestId = '' } = status?.handledIntent ?? {};
    // Accepted, and the spec turned away before it was done.
    if (this.#wishes.get(name) === requestId && verb === 'Retry' && outcome === 'Refused') this.retried.delete(revision);
    if (this.#wishes.get(name) === requestId) return;
    this.#wishes.set(name, requestId);
    if (verb === 'Retry' && outcome === 'Accepted' && this.rejected.get(revision) === name) this.retried.add(revision);
  }
}
