import { identifierWords } from './words.ts';

type Arguments = Readonly<Record<string, unknown>>;
type Schema = Readonly<Record<string, unknown>>;

/** At most this many parallel calls of one tool. */
const MAX_CALLS = 5;
/** `1042`, `A-1042`, `ORD1042`. */
const IDENTIFIER = '[A-Za-z]{0,4}-?\\d[\\w-]*';
const FREE_TEXT = new Set(['query', 'question', 'text', 'message', 'input', 'q', 'search', 'prompt']);
const GENERIC = new Set(['id', 'number', 'no', 'code', 'ref', 'reference', 'key', 'identifier', 'num']);

/**
 * One set of arguments per call that the text asks for; empty when a needed argument is not in it. Needed are the schema's
 * `required` properties, or all of them when it names none.
 */
export function extractArguments(schema: Schema, text: string): readonly Arguments[] {
  const properties = record(schema['properties']);
  const needed = Array.isArray(schema['required']) && schema['required'].length > 0 ? schema['required'].map(String) : Object.keys(properties);
  const found = needed.map((name) => [name, valuesFor(name, record(properties[name]), text)] as const);
  if (found.some(([, values]) => values.length === 0)) return [];
  const calls = Math.min(MAX_CALLS, Math.max(1, ...found.map(([, values]) => values.length)));
  return Array.from({ length: calls }, (_, call) => Object.fromEntries(found.map(([name, values]) => [name, values[call] ?? values[0]])));
}

function valuesFor(name: string, schema: Schema, text: string): readonly unknown[] {
  if (Array.isArray(schema['enum'])) return schema['enum'].filter((value) => mentions(text, String(value))).slice(0, 1);
  if (schema['type'] === 'boolean' || schema['type'] === 'array' || schema['type'] === 'object') return [];
  if (FREE_TEXT.has(name.toLowerCase())) return text.trim() === '' ? [] : [text.trim()];
  if (/e-?mail/iu.test(name)) return text.match(/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/gu) ?? [];
  return identifiers(name, text).flatMap((value) => typed(value, schema['type']));
}

/** Identifiers after the thing's own name ("order 17 and 18"); for a property that is an identifier by name, else any long enough number. */
function identifiers(name: string, text: string): readonly string[] {
  const words = identifierWords(name);
  const things = words.filter((word) => !GENERIC.has(word));
  const named = things.flatMap((thing) => afterName(thing, text));
  if (named.length > 0) return [...new Set(named)];
  const isIdentifier = words.some((word) => GENERIC.has(word));
  return isIdentifier ? [...new Set(text.match(new RegExp(`(?<![\\w-])${IDENTIFIER}`, 'gu')) ?? [])].filter((token) => /\d{3}/u.test(token)) : [];
}

function afterName(thing: string, text: string): readonly string[] {
  const filler = '(?:\\s*(?:numbers?|no\\.?|ids?|#|:))*\\s*#?';
  const list = new RegExp(`\\b${thing}\\w*${filler}(${IDENTIFIER}(?:(?:\\s*,\\s*|\\s+)(?:(?:and|or|&)\\s+)?#?(?:${thing}\\w*\\s+#?)?${IDENTIFIER})*)`, 'giu');
  return [...text.matchAll(list)].flatMap(([, run]) => run?.match(new RegExp(`(?<![\\w-])${IDENTIFIER}`, 'gu')) ?? []);
}

function typed(value: string, type: unknown): readonly unknown[] {
  if (type !== 'integer' && type !== 'number') return [value];
  const number = Number(value);
  return Number.isFinite(number) ? [number] : [];
}

function mentions(text: string, value: string): boolean {
  return text.toLowerCase().includes(value.toLowerCase());
}

function record(value: unknown): Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Schema) : {};
}
