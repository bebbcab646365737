/** How a failed call counts: `refused` was never sent; `error` was, and went wrong. */
export type ToolFailure = 'error' | 'timeout' | 'refused';

/** The content is untrusted: it goes to the model as the result of a tool and nowhere else. */
export type ToolResult =
  | { readonly kind: 'ok'; readonly content: string }
  | { readonly kind: 'failed'; readonly failure: ToolFailure; /** For the model and the log; never holds the response. */ readonly reason: string };

export function failed(failure: ToolFailure, reason: string): ToolResult {
  return { kind: 'failed', failure, reason };
}
