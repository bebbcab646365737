/** What the agent and the providers agree on; no provider's types get past the adapters. */
export interface ModelToolCall {
  readonly id: string;
  readonly name: string;
  /** JSON text as the model wrote it: may be malformed. */
  readonly argumentsJson: string;
}

export interface ModelToolResult {
  readonly callId: string;
  /** Untrusted. */
  readonly content: string;
  readonly outcome: 'ok' | 'failed';
}

export type ModelMessage =
  | { readonly role: 'user'; readonly text: string }
  | { readonly role: 'assistant'; readonly text: string; readonly toolCalls: readonly ModelToolCall[] }
  | { readonly role: 'tools'; readonly results: readonly ModelToolResult[] };

export interface ModelTool {
  readonly name: string;
  readonly description: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

export interface ModelSettings {
  readonly name: string;
  readonly temperature?: number | undefined;
  readonly topP?: number | undefined;
  readonly maxOutputTokens: number;
  /** Whose bound `maxOutputTokens` is, where it is not the agent's own. */
  readonly limitedBy?: 'caller' | undefined;
}

/** How a reply is to be written, for providers that can hold a model to it. Others are asked without: it is in the messages too, and the reply is checked. */
export type ModelFormat =
  | { readonly kind: 'object' }
  | { readonly kind: 'schema'; readonly name: string; readonly description?: string | undefined; readonly schema: Readonly<Record<string, unknown>>; readonly strict?: boolean | undefined };

/** On whose behalf a model is asked: what rules, budgets and caches go by. */
export interface ModelCaller {
  readonly requestId: string;
  readonly tenant?: string | undefined;
  /** The tenant whose budget it is, by its credentials; not set: nobody's in particular. What a request says of itself is no authority. */
  readonly payer?: string | undefined;
  readonly workflow?: string | undefined;
  /** A copy of somebody's request, which costs the agent and takes nothing of what its tenant and the original may have; not set: a request. */
  readonly traffic?: 'copy' | undefined;
  /** Of a job, which may be tried again much later under the same id; not set: there is one. */
  readonly tries?: 'several' | undefined;
  /** The job that may wait for its first answer: the model may be asked by batch for it. */
  readonly waitsAs?: string | undefined;
}

export interface ModelRequest {
  readonly settings: ModelSettings;
  readonly system: string;
  readonly messages: readonly ModelMessage[];
  readonly tools: readonly ModelTool[];
  readonly format?: ModelFormat | undefined;
  readonly caller?: ModelCaller | undefined;
}

export interface TokenUsage {
  /** All that the model read, from the provider's cache or not. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Of the input: read from the provider's cache. */
  readonly cachedInputTokens?: number;
  /** Of the input: written into the provider's cache. */
  readonly cacheWriteTokens?: number;
  /** What the tokens cost, by the price of the model that answered; absent where it has none. */
  readonly dollars?: number;
}

export interface ModelReply {
  readonly text: string;
  readonly toolCalls: readonly ModelToolCall[];
  /** `length`: cut at the output limit. `refused`: the model or the provider's filter declined to answer. */
  readonly stop: 'end' | 'tools' | 'length' | 'refused';
  readonly usage: TokenUsage;
}

/** `begun`: a call of the provider was begun. `unavailable`: it failed for the provider's fault and may be tried again. `answered`: any other end. */
export type ModelTry = 'begun' | 'unavailable' | 'answered';

export interface CompleteOptions {
  readonly signal: AbortSignal;
  /** When given, the reply is streamed and each piece of text is told as it comes. */
  readonly onText?: ((text: string) => void) | undefined;
  /** Told what a streamed reply holds besides its text and is paid for like it: what the model thinks, as far as the provider shows it, the arguments of calls, a refusal. */
  readonly onUnseen?: ((text: string) => void) | undefined;
  /** Told of tokens that were paid for no reply of this call: of one that was thrown away, and what one that was cut or superseded may have cost, which is an estimate. */
  readonly onSpent?: ((usage: TokenUsage) => void) | undefined;
  /** Told how each try of the call goes. */
  readonly onTry?: ((event: ModelTry) => void) | undefined;
}

/** Who reads a streamed reply as it comes. */
export interface StreamListener extends Pick<CompleteOptions, 'onUnseen'> {
  readonly onText: NonNullable<CompleteOptions['onText']>;
}

/** One turn of a model. Throws ModelError, or the signal's reason when it aborts. */
export interface ModelClient {
  readonly complete: (request: ModelRequest, options: CompleteOptions) => Promise<ModelReply>;
}
