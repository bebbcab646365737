import type { AutoscalingBounds } from '../../../children/index.ts';

/** Bounds that a user may choose; none: the number of pods is fixed. */
export const bounds: readonly (AutoscalingBounds | undefined)[] = [
  undefined,
  { minReplicas: 2, maxReplicas: 4, targetCPUUtilizationPercent: 70 },
  { minReplicas: 1, maxReplicas: 6, targetCPUUtilizationPercent: 70 },
  { minReplicas: 3, maxReplicas: 3, targetCPUUtilizationPercent: 70 },
];

/** The HPAs of the revisions: each keeps its Deployment within its bounds, and leaves one without pods alone. */
export class AbstractAutoscalers {
  readonly #bounds = new Map<string, AutoscalingBounds>();

  get revisions(): ReadonlySet<string> {
    return new Set(this.#bounds.keys());
  }

  boundsOf(revision: string): AutoscalingBounds | undefined {
    return this.#bounds.get(revision);
  }

  differs(revision: string, wanted: AutoscalingBounds): boolean {
    const { minReplicas, maxReplicas } = this.#bounds.get(revision) ?? {};
    return minReplicas !== wanted.minReplicas || maxReplicas !== wanted.maxReplicas;
  }

  write(revision: string, wanted: AutoscalingBounds): void {
    this.#bounds.set(revision, wanted);
  }

  remove(revision: string): void {
    this.#bounds.delete(revision);
  }

  /** What the HPA of a revision makes of its number of pods when the load asks for `wanted`. */
  scaled(revision: string, { replicas, wanted }: { readonly replicas: number; readonly wanted: number }): number {
    const own = this.#bounds.get(revision);
    return own === undefined || replicas === 0 ? replicas : Math.min(own.maxReplicas, Math.max(own.minReplicas, wanted));
  }
}
