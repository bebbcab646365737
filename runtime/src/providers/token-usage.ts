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

/** The counts of a provider. `input` are all tokens that the model read; `cached` and `written` are parts of them. */
export function usageOf(counts: { readonly input: number; readonly output: number; readonly cached?: number | null | undefined; readonly written?: number | null | undefined }): TokenUsage {
  return {
    inputTokens: counts.input,
    outputTokens: counts.output,
    ...(counts.cached ? { cachedInputTokens: counts.cached } : {}),
    ...(counts.written ? { cacheWriteTokens: counts.written } : {}),
  };
}
