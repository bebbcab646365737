import { jsonBySchema, jsonObject, type AnswerFormat } from '../agent/answer-format.ts';
import { AnswerSchemaError } from '../agent/answer-schema.ts';
import type { AnswerWishes } from '../agent/answer-wishes.ts';
import { chatRequest, type ChatRequest } from './chat-contract.ts';
import { InvalidInput } from './problem.ts';

function formatOf({ response_format: asked }: ChatRequest): AnswerFormat | undefined {
  if (asked === undefined || asked === null || asked.type === 'text') return undefined;
  if (asked.type === 'json_object') return jsonObject;
  const { name, description, schema, strict } = asked.json_schema;
  if (schema === undefined || schema === null) return jsonObject;
  try {
    return jsonBySchema({ name, schema, description: description ?? undefined, strict: strict ?? undefined });
  } catch (error) {
    if (!(error instanceof AnswerSchemaError)) throw error;
    throw new InvalidInput('response_format.json_schema.schema', `response_format.json_schema.${error.message}`);
  }
}

/** What a request asks of its answer. Throws InvalidInput for a schema that answers cannot be checked by. */
export function wishesOf(body: ChatRequest): AnswerWishes {
  const limits = [body.max_tokens, body.max_completion_tokens].filter((limit) => typeof limit === 'number');
  return {
    maxOutputTokens: limits.length === 0 ? undefined : Math.min(...limits),
    format: formatOf(body),
    tools: body.tool_choice === 'none' || body.function_call === 'none' ? 'none' : undefined,
  };
}

export const notAppliedHeader = 'x-sluice-not-applied';

/** To say these is to say nothing. */
const defaults: Readonly<Record<string, unknown>> = { frequency_penalty: 0, presence_penalty: 0, parallel_tool_calls: true, service_tier: 'auto', store: false, include_obfuscation: false };

const applied: ReadonlySet<string> = new Set(Object.keys(chatRequest.shape));
const appliedOfStreams: ReadonlySet<string> = new Set(['include_usage']);
const appliedOfMessages: ReadonlySet<string> = new Set(['role', 'content', 'refusal']);

/** A header holds names of this shape; others are told as "others". */
const plainName = /^[A-Za-z0-9_.-]{1,64}$/;
const mostNames = 32;

function saysNothing(name: string, member: unknown): boolean {
  if (member === undefined || member === null || (Array.isArray(member) && member.length === 0)) return true;
  return Object.hasOwn(defaults, name) && defaults[name] === member;
}

function unknownMembers(value: object, known: ReadonlySet<string>): readonly string[] {
  return Object.entries(value).flatMap(([name, member]) => (known.has(name) || saysNothing(name, member) ? [] : [name]));
}

/** The members of a request that its answer does not follow, so that nobody takes them for followed. `agent`: the one model that there is, as /v1/models names it. */
export function notApplied(body: ChatRequest, agent: string): readonly string[] {
  const ofMessages = new Set(body.messages.flatMap((message) => unknownMembers(message, appliedOfMessages)));
  const names = [...(body.model === agent ? [] : ['model']), ...unknownMembers(body, applied), ...unknownMembers(body.stream_options ?? {}, appliedOfStreams).map((name) => `stream_options.${name}`), ...[...ofMessages].map((name) => `messages.${name}`)];
  const plain = names.filter((name) => plainName.test(name)).slice(0, mostNames);
  return plain.length === names.length ? plain : [...plain, 'others'];
}
