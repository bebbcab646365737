/**
 * How the costs of one revision are spread. Alike: nearly all requests cost the same (lognormal, standard deviation 3 % of the mean). Usual: 50 %.
 * Heavy: 150 %, so that one request in twenty costs more than three times the mean. Kinds: half of the requests are short and cost alike, the others seven times as much.
 */
export type CostShape = 'Alike' | 'Usual' | 'Heavy' | 'Kinds';

/**
 * What the pods do not tell. OldCanary: the canary's image has neither of the two edges that came last. HalfOfCanary: it has every other edge,
 * HalfOfBoth: so have both. DecadesOfCanary: it has those alone that are ten times the one before. NoSums: a server drops the sum of the costs.
 */
export type CostGap = 'OldCanary' | 'HalfOfCanary' | 'HalfOfBoth' | 'DecadesOfCanary' | 'NoSums';

/** One kind of release that is simulated many times. */
export interface CostCell {
  readonly shape: CostShape;
  /** What a request of the canary costs over what one of stable costs, in the mean. */
  readonly ratio: number;
  /** Of the objective: 0.2 is 20 %. */
  readonly margin: number;
  /** Mean cost of a request of stable, in dollars. */
  readonly dollars: number;
  readonly canaryPerMinute: number;
  readonly stablePerCanary: number;
  readonly minutes: number;
  /** Undefined: they tell all. */
  readonly gap?: CostGap;
}

export interface CostGrid {
  readonly shapes: readonly CostShape[];
  readonly ratios: readonly number[];
  readonly margins: readonly number[];
  readonly dollars: readonly number[];
  /** Default: nothing is missing. */
  readonly gaps?: readonly CostGap[];
}

export const costGrid: CostGrid = { shapes: ['Alike', 'Usual', 'Heavy', 'Kinds'], ratios: [1, 1.04, 1.1, 1.2, 1.4], margins: [0.1, 0.2, 0.3], dollars: [0.0021] };

/** Costs that no edges are near to: below the first, and between a dollar and ten. */
export const offEdgesGrid: CostGrid = { shapes: ['Alike', 'Usual'], ratios: [1, 1.1, 1.2, 1.4], margins: [0.2], dollars: [0.00002, 2.1] };

/** Where edges, or the sum, are missing. */
export const gapsGrid: CostGrid = { shapes: ['Alike', 'Usual', 'Heavy', 'Kinds'], ratios: [1, 1.1, 1.2, 1.4], margins: [0.2], dollars: [0.0021], gaps: ['HalfOfCanary', 'HalfOfBoth', 'DecadesOfCanary', 'NoSums'] };

/** Costs beside which the edges are missing that came last. */
export const oldEdgesGrid: CostGrid = { ...offEdgesGrid, gaps: ['OldCanary'] };

export function costCellsOf({ shapes, ratios, margins, dollars, gaps = [] }: CostGrid): readonly CostCell[] {
  const told = gaps.length === 0 ? [{}] : gaps.map((gap) => ({ gap }));
  return told.flatMap((gap) => dollars.flatMap((mean) => shapes.flatMap((shape) => margins.flatMap((margin) => ratios.map((ratio) => ({ shape, ratio, margin, dollars: mean, canaryPerMinute: 60, stablePerCanary: 4, minutes: 60, ...gap }))))));
}

/** 1.2 and 1 + 0.2 are not the same binary fraction. */
const dust = 1e-9;

/** The ending that would be wrong: promoting what costs more by the margin, rolling back what costs more by no more than half of it. Between, either is right. */
export function wrongCostVerdict({ ratio, margin }: Pick<CostCell, 'ratio' | 'margin'>): 'Promote' | 'Rollback' | undefined {
  if (ratio >= 1 + margin - dust) return 'Promote';
  return ratio <= 1 + margin / 2 + dust ? 'Rollback' : undefined;
}
