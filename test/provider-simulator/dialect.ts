import type { IncomingHttpHeaders } from 'node:http';
import type { Completion, CompletionLimits } from './model/completion.ts';
import type { Conversation } from './model/conversation.ts';

/** A model call that the wire format refuses. */
export class WireError extends Error {
  override readonly name = 'WireError';
  readonly status: number;
  /** The field at fault, as the provider names it. */
  readonly param: string | null;

  constructor(status: number, message: string, param: string | null = null) {
    super(message);
    this.status = status;
    this.param = param;
  }
}

export interface ParsedCall {
  readonly model: string;
  readonly stream: boolean;
  /** Whether the stream ends with a usage chunk (OpenAI `stream_options.include_usage`). */
  readonly streamUsage: boolean;
  readonly conversation: Conversation;
  readonly limits: CompletionLimits;
}

/** A completion with the names it goes out under. */
export interface Envelope {
  readonly id: string;
  readonly model: string;
  /** Seconds since 1970. */
  readonly created: number;
  readonly streamUsage: boolean;
  readonly completion: Completion;
  /** One id for each tool call. */
  readonly callIds: readonly string[];
}

export interface ErrorFacts {
  readonly status: number;
  readonly message: string;
  readonly param: string | null;
  readonly requestId: string;
}

/** A provider's wire format. */
export interface Dialect {
  readonly path: string;
  readonly requestIdHeader: string;
  readonly idPrefix: { readonly request: string; readonly message: string; readonly call: string };
  /** The API key of a request; undefined when there is none. */
  apiKey(headers: IncomingHttpHeaders): string | undefined;
  /** Throws WireError. */
  parse(body: unknown, headers: IncomingHttpHeaders): ParsedCall;
  message(envelope: Envelope): object;
  /** The server-sent events of the same message, each with its closing blank line. */
  events(envelope: Envelope): readonly string[];
  error(facts: ErrorFacts): object;
  errorEvent(facts: ErrorFacts): string;
}

export function bearerToken(headers: IncomingHttpHeaders): string | undefined {
  return /^Bearer\s+(\S+)$/iu.exec(headers.authorization ?? '')?.[1];
}

/** Pieces of a text as a stream sends them: so many characters each, never empty. */
export function pieces(text: string, size: number): readonly string[] {
  return text.match(new RegExp(`[^]{1,${size}}`, 'gu')) ?? [];
}
