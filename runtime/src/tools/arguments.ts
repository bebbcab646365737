import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { RE2JS } from 're2js';
import { isJsonObject } from '../platform/json-object.ts';
import { deepestNesting, isNestedDeeper } from './nesting.ts';
import { ToolSchemaError } from './tool-schema-error.ts';

export type ToolArguments = Readonly<Record<string, unknown>>;

/** Arguments that may be used, or a sentence for the model that says why not. */
export type CheckedArguments = { readonly ok: true; readonly value: ToolArguments } | { readonly ok: false; readonly reason: string };

/** Checks the JSON text that a model wrote. */
export type CheckArguments = (json: string) => CheckedArguments;

/** Enough for the model to correct itself; a schema with many fields must not fill its context. */
const reportedErrors = 5;

function describe(error: ErrorObject): string {
  const at = error.instancePath === '' ? 'the arguments' : `the argument ${error.instancePath.slice(1).replaceAll('/', '.')}`;
  return `${at} ${error.message ?? 'is not valid'}`;
}

function parse(json: string): unknown {
  // Models write nothing at all for a tool without arguments.
  if (json.trim() === '') return {};
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}

interface Pattern {
  readonly test: (text: string) => boolean;
  readonly toString: () => string;
}

/** Takes linear time, whoever wrote it. Throws for what RE2 does not know. */
function linearPattern(source: string): Pattern {
  const compiled = RE2JS.compile(source);
  // Ajv tells patterns apart by their text.
  return { test: (text) => compiled.matcher(text).find(), toString: () => source };
}

/** What models write is matched, and whoever asks has a say in that: a pattern that goes back and forth could hold the process. Only what nothing else can read, such as a look ahead, is left to it. */
function pattern(source: string, flags: string): Pattern {
  // Members in double brackets and quotes are something else to RE2 than to JSON schema.
  if (/\[\[:|\\Q/.test(source)) return new RegExp(source, flags);
  try {
    return linearPattern(source);
  } catch {
    return new RegExp(source, flags);
  }
}

/** `code` names them to Ajv for schemas that are compiled to files, which these are not. */
const patternsOf = { bundle: Object.assign(pattern, { code: 'linear' }), server: Object.assign(linearPattern, { code: 'linear' }) };

/** Compiles a schema once; `author`: of a server, patterns that could take more than linear time are refused. Throws ToolSchemaError. */
export function compileSchema(schema: Readonly<Record<string, unknown>>, author: 'bundle' | 'server' = 'bundle'): ValidateFunction {
  // The dialect that a schema names is left out: models are sent draft 2020-12, whatever the author wrote it in.
  const { $schema: _dialect, ...rules } = schema;
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false, logger: false, code: { regExp: patternsOf[author] } });
  try {
    return ajv.compile(rules);
  } catch (cause) {
    throw new ToolSchemaError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** Checks arguments by a tool's schema, which is compiled once. Throws ToolSchemaError. */
export function compileArguments(schema: Readonly<Record<string, unknown>>, author: 'bundle' | 'server' = 'bundle'): CheckArguments {
  const validate = compileSchema(schema, author);
  return (json) => {
    const value = parse(json);
    if (!isJsonObject(value)) return { ok: false, reason: 'the arguments are not a JSON object' };
    if (isNestedDeeper(value)) return { ok: false, reason: `the arguments are nested more than ${deepestNesting} levels deep` };
    if (validate(value)) return { ok: true, value };
    return { ok: false, reason: (validate.errors ?? []).slice(0, reportedErrors).map(describe).join('; ') };
  };
}
