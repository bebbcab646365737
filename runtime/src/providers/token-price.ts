import type { BundlePrice } from '@sluice/crds';
import type { TokenUsage } from './model-client.ts';

/** What the provider takes for a million tokens, in dollars. */
export type TokenPrice = BundlePrice;

const million = 1_000_000;

/** Dollars for the tokens. Those that were read from the provider's cache or written into it have prices of their own where they are set. */
export function costOf({ inputTokens, outputTokens, cachedInputTokens = 0, cacheWriteTokens = 0 }: TokenUsage, price: TokenPrice): number {
  const { inputDollarsPerMillionTokens: input, outputDollarsPerMillionTokens: output, cachedInputDollarsPerMillionTokens: cached = input, cacheWriteDollarsPerMillionTokens: written = input } = price;
  const plain = Math.max(0, inputTokens - cachedInputTokens - cacheWriteTokens);
  return (plain * input + cachedInputTokens * cached + cacheWriteTokens * written + outputTokens * output) / million;
}

/** What Anthropic and OpenAI take for what is asked by batch, as a share of the price. */
const batchShare = 0.5;

export function batchPrice(price: TokenPrice | undefined): TokenPrice | undefined {
  return price && (Object.fromEntries(Object.entries(price).map(([name, dollars]) => [name, dollars === undefined ? undefined : dollars * batchShare])) as TokenPrice);
}

/** Of one reply, by the model that gave it, where it told. NaN where nobody knows: without a price, and of a reply of no tokens, which is one of a server that counts none and not free. */
export function tokenCost(usage: TokenUsage, price: TokenPrice | undefined): number {
  if (price === undefined || usage.inputTokens + usage.outputTokens === 0) return Number.NaN;
  return usage.dollars ?? costOf(usage, price);
}
