import type { Watched } from './watch.ts';

function told(stalls: readonly number[]): string {
  const sorted = stalls.toSorted((left, right) => left - right);
  const at = (share: number): string => (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(0);
  return `${at(0.5)} ms in half of ${sorted.length} looks, ${at(0.9)} in nine of ten, ${at(1)} at most`;
}

/** Whether the store's letting go held the event loop: looks between which it did beside those between which it did not. */
export function stallsTold({ shedding, otherwise }: Watched['stalls']): string {
  return shedding.length === 0 ? told(otherwise) : `${told(otherwise)}; where the store let go of something ${told(shedding)}`;
}
