import type { Precision as PrecisionSpec } from '@sluice/crds';
import { beliefAt, learnt, meanOf, type Belief } from './belief.ts';
import { freeEnergyOf, freeEnergyOfPolicy } from './free-energy.ts';
import { createLevels, precisionLevels, type LevelUpdate, type PrecisionLevel } from './levels.ts';

/** New tools are expected to work. */
const toolPrior: Belief = { alpha: 3, beta: 1 };

/** One way to go about a request, with what is expected of it. */
export interface PolicyValue {
  readonly policy: string;
  /** Expected free energy in nats: the less, the better. */
  readonly freeEnergy: number;
}

export interface LearntCall {
  /** How far the end was from what was expected, 0 to 1. */
  readonly predictionError: number;
  readonly levels: readonly LevelUpdate[];
}

/** What an agent has learnt of its tools and of itself, over all its requests. */
export interface Precision {
  readonly precision: (level: PrecisionLevel) => number;
  /** The end of a call of a tool that the agent has. */
  readonly learn: (tool: string, outcome: 'success' | 'failure') => LearntCall;
  /** The policies, best first; without policies each tool is one. */
  readonly values: () => readonly PolicyValue[];
  readonly isConfident: () => boolean;
  readonly policyTools: (policy: string) => readonly string[] | undefined;
}

export interface PrecisionOptions {
  readonly spec: PrecisionSpec;
  /** Names of the agent's tools. */
  readonly tools: readonly string[];
  /** Precision of each level where an earlier run ended. */
  readonly initial?: ReadonlyMap<string, number> | undefined;
}

export function createPrecision({ spec, tools, initial }: PrecisionOptions): Precision {
  const levels = createLevels(initial);
  const beliefs = new Map(tools.map((tool) => [tool, toolPrior]));
  const beliefIn = (tool: string): Belief => beliefs.get(tool) ?? beliefAt(meanOf(toolPrior), toolPrior);
  const policies = new Map((spec.policies ?? []).map(({ name, tools: offered }) => [name, offered.filter((tool) => tools.includes(tool))]));
  const values = (): readonly PolicyValue[] => {
    const known = policies.size === 0 ? tools.map((tool) => ({ policy: tool, freeEnergy: freeEnergyOf(beliefIn(tool)) })) : [...policies].filter(([, offered]) => offered.length > 0).map(([policy, offered]) => ({ policy, freeEnergy: freeEnergyOfPolicy(offered.map(beliefIn)) }));
    return known.toSorted((left, right) => left.freeEnergy - right.freeEnergy);
  };
  return {
    precision: levels.precision,
    learn: (tool, outcome) => {
      const belief = beliefIn(tool);
      // Who chooses a tool counts on it, however often it has failed: one that fails as ever is no smaller disappointment.
      const expected = Math.max(meanOf(belief), meanOf(toolPrior));
      const predictionError = outcome === 'success' ? 1 - expected : expected;
      if (beliefs.has(tool)) beliefs.set(tool, learnt(belief, toolPrior, outcome === 'success' ? { for: 1, against: 0 } : { for: 0, against: 1 }));
      return { predictionError, levels: levels.learn(predictionError) };
    },
    values,
    isConfident: () => levels.precision('execution') * 100 >= spec.thresholdPercent,
    policyTools: (policy) => policies.get(policy),
  };
}

/** The precision of all levels. */
export function allLevels({ precision }: Pick<Precision, 'precision'>): Readonly<Record<PrecisionLevel, number>> {
  return Object.fromEntries(precisionLevels.map((level) => [level, precision(level)])) as Record<PrecisionLevel, number>;
}
