/** What a model call says, whatever wire format it came in. */
export interface Conversation {
  readonly system: string;
  readonly turns: readonly Turn[];
  readonly tools: readonly OfferedTool[];
  readonly toolChoice: ToolChoice;
  /** 1 when the caller forbids parallel calls. */
  readonly maxToolCalls: number;
}

export interface Turn {
  readonly role: 'user' | 'assistant';
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  readonly toolResults: readonly ToolResult[];
}

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

export interface ToolResult {
  readonly callId: string;
  readonly content: string;
  readonly outcome: 'ok' | 'error';
}

export interface OfferedTool {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the arguments. */
  readonly schema: Readonly<Record<string, unknown>>;
}

/** `auto`: the model decides; `none`: no call; `any`: some tool must be called; or the one named. */
export type ToolChoice = 'auto' | 'none' | 'any' | { readonly name: string };

/** What the model wants to say, before the token limit and the wire format. */
export interface Reply {
  readonly text: string;
  readonly toolCalls: readonly WantedCall[];
}

export interface WantedCall {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** The text of the newest user turn that has any; empty when there is none. */
export function question(conversation: Conversation): string {
  return conversation.turns.findLast((turn) => turn.role === 'user' && turn.text.trim() !== '')?.text ?? '';
}
