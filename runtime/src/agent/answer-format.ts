import { isJsonObject } from '../platform/json-object.ts';
import type { ModelFormat, ModelMessage } from '../providers/model-client.ts';
import { compileAnswerSchema } from './answer-schema.ts';

/** How an answer is to be written for whoever asks: a program reads it. */
export interface AnswerFormat {
  /** As providers are asked for it. */
  readonly asked: ModelFormat;
  /** As the model is asked for it; of the caller, so words of a user. */
  readonly words: string;
  readonly fits: (value: unknown) => boolean;
}

export interface AnswerSchema {
  readonly name: string;
  readonly description?: string | undefined;
  readonly schema: Readonly<Record<string, unknown>>;
  readonly strict?: boolean | undefined;
}

export const jsonObject: AnswerFormat = { asked: { kind: 'object' }, words: 'Write your answer as one JSON object, and nothing before or after it.', fits: isJsonObject };

/** Throws AnswerSchemaError. */
export function jsonBySchema(schema: AnswerSchema): AnswerFormat {
  // First of all: it tells what is too deep to be written.
  const fits = compileAnswerSchema(schema.schema);
  const what = schema.description === undefined ? '' : ` (${schema.description})`;
  return {
    asked: { kind: 'schema', ...schema },
    words: `Write your answer as one JSON object${what}, and nothing before or after it. It fits this JSON schema: ${JSON.stringify(schema.schema)}`,
    fits,
  };
}

const fence = '```';
const opening = /^```(?:json)?[^\S\n]*\n/i;

/** Models put JSON between fences, whatever they are told. Read from both ends, as a caller may let a model write blanks without end between them. */
function unfenced(text: string): string {
  const whole = text.trim();
  const begin = opening.exec(whole)?.[0].length;
  if (begin === undefined || !whole.endsWith(fence) || whole.length < begin + fence.length) return whole;
  return whole.slice(begin, -fence.length).trim();
}

/** The JSON of an answer that fits; undefined for one that does not. */
export function fittingJson(text: string, { fits }: Pick<AnswerFormat, 'fits'>): string | undefined {
  const json = unfenced(text);
  try {
    return fits(JSON.parse(json) as unknown) ? json : undefined;
  } catch {
    return undefined;
  }
}

/** Said to the model once when its answer does not fit. */
export function askForFormat({ words }: Pick<AnswerFormat, 'words'>): ModelMessage {
  return { role: 'user', text: `A program reads your answer and cannot read this one. Give it again. ${words}` };
}

export const unfittingAnswer = 'No answer: what the model said is not JSON as it was asked for.';
