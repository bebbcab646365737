import type { EvalSuiteSpec, ModelProvider } from '@sluice/crds';

export type ModelPrices = NonNullable<ModelProvider['spec']['prices']>;

/** SLUICE_EVAL_JUDGE_PRICE of a run: what the judging model of the suite takes at the agent's provider; undefined where nobody judges or no price is named. */
export function judgePriceOf({ judge }: Pick<EvalSuiteSpec, 'judge'>, prices: ModelPrices = []): string | undefined {
  const found = prices.find(({ model }) => model === judge?.model);
  return found === undefined ? undefined : `${plain(found.inputDollarsPerMillionTokens)}/${plain(found.outputDollarsPerMillionTokens)}`;
}

/** Without an exponent, to nine places after the point. */
function plain(dollars: number): string {
  return dollars.toFixed(9).replace(/\.?0+$/, '');
}
