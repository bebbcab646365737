import type { ModelRequest, TokenUsage } from '../providers/model-client.ts';
import { ModelError } from '../providers/model-error.ts';
import { inputTokensOf, tokensOfText } from './estimate.ts';

/** A call of a provider that ended without a reply. */
export interface Unanswered {
  /** What ended it. */
  readonly error: unknown;
  readonly request: ModelRequest;
  /** The text that came until then; undefined: none was asked for before the end. */
  readonly told: string | undefined;
  /** What else had come by then. */
  readonly unseen: string;
}

/**
 * What it may have cost; `unknown`: anything up to the most that it could. A provider that answers with an error takes nothing, and neither does one that was never reached. One that was cut, or did not
 * answer in time, may have worked until then: on what is known of a stream, on anything where nothing of the answer was there yet. What a model thinks, and the arguments of a tool, are paid for like
 * text and come before it or instead.
 */
export function spentUnanswered({ error, request, told, unseen }: Unanswered): TokenUsage | 'nothing' | 'unknown' {
  if (error instanceof ModelError && error.sent === 'no') return 'nothing';
  const isOfProvider = error instanceof ModelError && error.failure !== 'timeout';
  if (isOfProvider && error.status !== undefined && (told ?? '') === '') return 'nothing';
  if (!isOfProvider && (told ?? '') === '') return 'unknown';
  return { inputTokens: inputTokensOf(request), outputTokens: tokensOfText((told ?? '') + unseen) };
}

/** What a streamed call has shown so far, for whoever listens along. */
export interface Shown extends Pick<Unanswered, 'told' | 'unseen'> {
  readonly onText: ((text: string) => void) | undefined;
  readonly onUnseen: (text: string) => void;
}

/** Listens along to what `listener` is told. */
export function listenTo(listener: { readonly onText?: ((text: string) => void) | undefined; readonly onUnseen?: ((text: string) => void) | undefined }): Shown {
  const { onText } = listener;
  let [told, unseen] = ['', ''];
  return {
    get told() {
      return onText === undefined ? undefined : told;
    },
    get unseen() {
      return unseen;
    },
    onText: onText && ((text) => {
      told += text;
      onText(text);
    }),
    onUnseen: (text) => {
      unseen += text;
      listener.onUnseen?.(text);
    },
  };
}
