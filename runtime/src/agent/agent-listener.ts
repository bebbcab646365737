import type { ModelTry, TokenUsage } from '../providers/model-client.ts';

/** Told what happens while an agent works. Every member is optional; `onText` makes the model stream. */
export interface AgentListener {
  /** `turn` counts the calls of the model from 1: text of an earlier turn than the last is no part of the answer. */
  readonly onText?: ((event: { readonly turn: number; readonly text: string }) => void) | undefined;
  readonly onModelTry?: ((event: ModelTry) => void) | undefined;
  /** Told of every reply of the model, also when the request fails later. */
  readonly onUsage?: ((usage: TokenUsage) => void) | undefined;
  readonly onToolCall?: ((event: { readonly tool: string; readonly ref: string }) => void) | undefined;
  /** `reason` is for logs; it never holds what the tool returned. */
  readonly onToolResult?: ((event: ToolResultEvent) => void) | undefined;
}

export type ToolResultEvent = { readonly tool: string; readonly ref: string } & ({ readonly ok: true } | { readonly ok: false; readonly reason: string });
