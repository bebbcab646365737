import { beliefAt, learnt, meanOf, type Belief } from './belief.ts';

/** From what is done to what is wanted. */
export const precisionLevels = ['execution', 'planning', 'abstract'] as const;
export type PrecisionLevel = (typeof precisionLevels)[number];

/** New agents are rather sure of themselves: three times in four. */
const prior: Belief = { alpha: 3, beta: 1 };

/** Confidence is lost faster than it is won. */
const lossWeight = 2;

export interface LevelUpdate {
  readonly level: PrecisionLevel;
  /** 0 to 1. */
  readonly precision: number;
  /** 0 to 1. */
  readonly predictionError: number;
}

/** Confidence in each level of the work. */
export interface Levels {
  readonly precision: (level: PrecisionLevel) => number;
  /** A prediction that was wrong by `error`, 0 to 1, at the lowest level. What came of it at each level, from below. */
  readonly learn: (error: number) => readonly LevelUpdate[];
}

/** `initial`: where an earlier run ended; not set for a level: the prior. */
export function createLevels(initial: ReadonlyMap<string, number> = new Map()): Levels {
  const beliefs = new Map(precisionLevels.map((level) => [level, initial.has(level) ? beliefAt(initial.get(level) ?? 0, prior) : prior]));
  const precision = (level: PrecisionLevel): number => meanOf(beliefs.get(level) ?? prior);
  return {
    precision,
    learn: (error) => {
      let passedUp = error;
      return precisionLevels.map((level) => {
        const before = precision(level);
        const predictionError = passedUp;
        beliefs.set(level, learnt(beliefs.get(level) ?? prior, prior, { for: 1 - predictionError, against: lossWeight * predictionError }));
        // An error surprises the level above as far as this one was sure of itself.
        passedUp = predictionError * before;
        return { level, precision: precision(level), predictionError };
      });
    },
  };
}
