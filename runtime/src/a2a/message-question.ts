import { ContentTypeNotSupportedError, RequestMalformedError } from '@a2a-js/sdk/errors';
import { SendMessageRequest, type Part } from '@a2a-js/sdk';
import { z } from 'zod';
import type { Question } from '../agent-card/question.ts';
import { invokeRequest } from '../server/contract.ts';

const { user_id, workflow, session_id } = invokeRequest.shape;
const metadata = z.object({ user_id, workflow, session_id });

function textOf({ content }: Part): string {
  if (content?.$case === 'text') return content.value;
  throw new ContentTypeNotSupportedError(`A part of the message is ${content?.$case ?? 'empty'}; this agent reads parts of text only`);
}

/** The library reads what it is given without a look, and fails at some of it with words of its own. */
export function sendRequestOf(params: unknown): SendMessageRequest {
  try {
    return SendMessageRequest.fromJSON(params ?? {});
  } catch {
    throw new RequestMalformedError('params are no message of A2A 1.0: a part, or another member, is of the wrong type');
  }
}

/**
 * What a message asks. `tenant`, and of the metadata of the message `user_id`, `workflow` and `session_id`, mean what they do for /v1/invoke.
 * Throws the errors of the protocol, which name the member at fault.
 */
export function questionOf({ message, tenant }: SendMessageRequest, maxInputCharacters: number): Question {
  if (message === undefined) throw new RequestMalformedError('params.message must be there');
  const text = message.parts.map(textOf).join('\n');
  if (text === '') throw new RequestMalformedError('params.message.parts must hold a text');
  if (text.length > maxInputCharacters) throw new RequestMalformedError(`params.message.parts have ${text.length} characters; this agent takes ${maxInputCharacters} at most (limits.maxInputCharacters)`);
  const known = metadata.safeParse(message.metadata ?? {});
  if (!known.success) throw new RequestMalformedError(`params.message.metadata.${known.error.issues[0]?.path.join('.') ?? ''} is not valid: ${known.error.issues[0]?.message ?? ''}`);
  return { text, ...known.data, ...(tenant === '' ? {} : { tenant_id: tenant }) };
}
