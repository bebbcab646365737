import type { TokenUsage } from './model-client.ts';

export const noTokens: TokenUsage = { inputTokens: 0, outputTokens: 0 };

type OptionalCount = 'cachedInputTokens' | 'cacheWriteTokens' | 'dollars';

function sum(left: TokenUsage, right: TokenUsage, member: OptionalCount): Partial<Pick<TokenUsage, OptionalCount>> {
  const one = left[member];
  const other = right[member];
  return one === undefined && other === undefined ? {} : { [member]: (one ?? 0) + (other ?? 0) };
}

export function addUsage(left: TokenUsage, right: TokenUsage): TokenUsage {
  return {
    inputTokens: left.inputTokens + right.inputTokens,
    outputTokens: left.outputTokens + right.outputTokens,
    ...sum(left, right, 'cachedInputTokens'),
    ...sum(left, right, 'cacheWriteTokens'),
    ...sum(left, right, 'dollars'),
  };
}

/** What a provider counted: 0 for what it did not, NaN for what is no count of anything. */
export function countOf(value: unknown): number {
  if (value === undefined || value === null) return 0;
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : Number.NaN;
}

/** Counts of {@link countOf}. `input` are all tokens that the model read; `cached` and `written` are parts of them. */
export interface Counts {
  readonly input: number;
  readonly output: number;
  readonly cached?: number;
  readonly written?: number;
}

/** What was counted wrongly counts as not counted, which budgets take for all that was reserved: a wrong number would stay in their sums and in metrics for ever. */
export function usageOf({ input, output, cached = 0, written = 0 }: Counts): TokenUsage {
  if (!Number.isSafeInteger(input + output) || !(cached + written <= input)) return noTokens;
  return { inputTokens: input, outputTokens: output, ...(cached > 0 ? { cachedInputTokens: cached } : {}), ...(written > 0 ? { cacheWriteTokens: written } : {}) };
}
