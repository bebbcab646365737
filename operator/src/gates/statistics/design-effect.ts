import { requireCounts } from '@sluice/statistics';

/** [bad, requests] of each pod in one block. */
export type PodCounts = readonly (readonly [number, number])[];

/**
 * How much more the stable pods differ from each other within blocks than independent requests would: Pearson's dispersion, at least
 * 1. Shocks that hit all pods of a block cancel. 1 when no block has two pods and both outcomes.
 */
export function designEffect({ blocks }: { readonly blocks: readonly PodCounts[] }): { readonly phi: number } {
  let squares = 0;
  let degrees = 0;
  for (const [index, pods] of blocks.entries()) {
    const served = pods.filter(([bad, requests]) => {
      requireCounts(`blocks[${index}]`, bad, requests);
      return requests > 0;
    });
    const requests = served.reduce((sum, pod) => sum + pod[1], 0);
    const rate = served.reduce((sum, pod) => sum + pod[0], 0) / requests;
    if (served.length < 2 || !(rate > 0 && rate < 1)) continue;
    squares += served.reduce((sum, [x, n]) => sum + (x - n * rate) ** 2 / (n * rate * (1 - rate)), 0);
    degrees += served.length - 1;
  }
  return { phi: degrees === 0 ? 1 : Math.max(1, squares / degrees) };
}
