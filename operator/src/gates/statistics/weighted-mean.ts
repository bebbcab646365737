import { logSumExp, StatisticsError } from '@sluice/statistics';

/**
 * ln of the weighted mean of e-values, which is an e-value under any dependence between them (Vovk and Wang, Ann. Stat. 49, 2021).
 * Weights are >= 0 and need not sum to 1. Throws a StatisticsError when there is nothing to weigh.
 */
export function combineHarm({ logE, weights }: { readonly logE: readonly number[]; readonly weights: readonly number[] }): { readonly logE: number } {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (logE.length !== weights.length) throw new StatisticsError(`logE has ${logE.length} values and weights ${weights.length}; give one weight for each`);
  if (!(total > 0 && total < Infinity) || weights.some((weight) => weight < 0)) throw new StatisticsError(`weights are ${weights.join(', ')}; give numbers >= 0 of which one is above 0`);
  if (logE.some(Number.isNaN)) throw new StatisticsError(`logE is ${logE.join(', ')}; give numbers`);
  return { logE: logSumExp(logE.map((value, index) => value + Math.log((weights[index] ?? 0) / total))) };
}
