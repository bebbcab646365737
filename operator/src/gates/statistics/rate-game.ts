import type { Bet, Game, Process } from './betting-book.ts';
import { type BlockCounts, rateBetLogE } from './block-e-value.ts';
import { effects, nonInferiorityEffects } from './effects.ts';
import { expectedRate, memoryRequests, remembered, rememberedApart, type StableMemory } from './stable-memory.ts';

const noCounts: BlockCounts = { xc: 0, nc: 0, xs: 0, ns: 0 };

/** Bad requests of both revisions in the same time; a block needs some of both. */
export function rateGame(limit: number = memoryRequests): Game<BlockCounts, StableMemory> {
  return {
    none: noCounts,
    add: (a, b) => ({ xc: a.xc + b.xc, nc: a.nc + b.nc, xs: a.xs + b.xs, ns: a.ns + b.ns }),
    isPlayable: ({ nc, ns }) => nc > 0 && ns > 0,
    remember: (memory, { xs, ns }) => remembered(memory, xs, ns, limit),
  };
}

/** The game of a release, whose memory of the past may turn out to tell nothing of it, as after an outage. */
export function doubtingRateGame(): Game<BlockCounts, StableMemory> {
  return { ...rateGame(), remember: (memory, { xs, ns }) => rememberedApart(memory, xs, ns) };
}

export interface RateMargins {
  /** Margin of the rollout, share of the requests. */
  readonly delta: number;
  /** Design effect, >= 1. */
  readonly phi: number;
}

type RateBets = Process<BlockCounts, StableMemory>;

/** Grows when the canary is not worse by `delta` or more. */
export function nonInferiorityProcess({ delta, phi, shares = nonInferiorityEffects }: RateMargins & { readonly shares?: readonly (readonly [number, number])[] }): RateBets {
  return shares.map(([share, weight]) => ({
    weight,
    logE: (counts, memory) => {
      const b = expectedRate(memory);
      const q = b + share * delta;
      return q < 0.98 ? rateBetLogE(counts, q, b, delta) / phi : 0;
    },
  }));
}

/** Grows when the canary is worse by more than `h`. */
export function harmProcess({ delta, phi, h }: RateMargins & { readonly h: number }): RateBets {
  const ladder = effects(delta, h);
  return ladder.map((effect) => ({
    weight: 1 / ladder.length,
    logE: (counts, memory) => {
      const b = expectedRate(memory);
      const q = Math.min(0.98, b + effect);
      return q > b + h + 1e-9 ? rateBetLogE(counts, q, b, h) / phi : 0;
    },
  }));
}

const reductions = [0.75, 0.5, 0.25, 0.1];

/** Grows when the canary's rate lies below stable's by more than `h`: for rates that should not move either way. */
export function dropProcess({ phi, h }: Omit<RateMargins, 'delta'> & { readonly h: number }): RateBets {
  return reductions.map((factor): Bet<BlockCounts, StableMemory> => ({
    weight: 1 / reductions.length,
    logE: (counts, memory) => {
      const b = expectedRate(memory);
      const q = (b - h) * factor;
      return q > 1e-9 ? rateBetLogE(counts, q, b, -h) / phi : 0;
    },
  }));
}
