import { logLikelihoodRatio } from '@sluice/statistics';
import type { Game, Process } from './betting-book.ts';
import type { BlockCounts } from './block-e-value.ts';
import { boundBets, type Side } from './one-sample.ts';

const noCounts: BlockCounts = { xc: 0, nc: 0, xs: 0, ns: 0 };

/** A fixed bound asks the canary alone and remembers nothing. */
export const boundGame: Game<BlockCounts, null> = {
  none: noCounts,
  add: (a, b) => ({ xc: a.xc + b.xc, nc: a.nc + b.nc, xs: a.xs + b.xs, ns: a.ns + b.ns }),
  isPlayable: ({ nc }) => nc > 0,
  remember: () => null,
};

/** Grows when the canary's bad rate lies beyond (`harm`) or within (`good`) the bound, 0 to 1 exclusive. */
export function boundProcess({ bound, side, phi }: { readonly bound: number; readonly side: Side; readonly phi: number }): Process<BlockCounts, null> {
  const rates = boundBets(bound, side);
  return rates.map((q) => ({ weight: 1 / rates.length, logE: ({ xc, nc }) => logLikelihoodRatio(xc, nc, q, bound) / phi }));
}
