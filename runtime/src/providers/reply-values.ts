import { isJsonObject } from '../platform/json-object.ts';
import { ModelError } from './model-error.ts';

// Types of an SDK are what its provider promises. Servers that copy a format send other things, and proxies send anything: what was looked at nowhere would fail
// somewhere behind, where it is nobody's reply any more.

/** A name, an id or a piece of one; '' for what is not there. Throws ModelError for anything else. */
export function wordOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  throw new ModelError('invalid_reply');
}

/** A text, or the texts of a list of parts, as some servers send them; '' for what is not there. Throws ModelError for anything else. */
export function textOf(value: unknown): string {
  if (!Array.isArray(value)) return wordOf(value);
  return value.map((part: unknown) => (isJsonObject(part) && typeof part['text'] === 'string' ? part['text'] : wordOf(part))).join('');
}

/** The arguments of a call as JSON; many servers send the object itself. Throws ModelError for anything else. */
export function argumentsOf(value: unknown): string {
  return isJsonObject(value) ? JSON.stringify(value) : wordOf(value);
}
