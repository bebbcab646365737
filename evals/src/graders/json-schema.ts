import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { RE2JS, RE2JSSyntaxException } from 're2js';
import { inBoundedTime } from './bounded-time.ts';
import type { CheckTime, TimedAnswer } from './check-time.ts';
import { fail, notMeasured, pass, type Finding } from './finding.ts';
import { GraderError } from './grader.ts';
import { jsonAnswer, type JsonValue } from './json-answer.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** `uniqueItems` compares each item with each other one. */
const maximumNodes = 5_000;
/** Definitions of more keywords are not copied to where they are referred to: the code would grow with the product of both. */
const inlinedKeywords = 20;

/** Milliseconds. References to one definition can double the work with each of them, so that time alone is a bound. Usual schemas take milliseconds. */
const usualCompileMs = 10_000;
const referLess = 'refer to the same definition less often, or ask for less';

/** `pattern` in a schema must not backtrack either. Ajv tells patterns apart by `toString`; `code` is for generated modules, which there are none of. */
const linearRegExp = Object.assign(
  (source: string) => {
    const pattern = RE2JS.compile(source);
    return { test: (text: string) => pattern.matcher(text).find(), toString: () => source };
  },
  { code: '' },
);

/** Compiles a schema once; the check says which rule is broken, and never what the answer holds. Throws GraderError. */
export function compileJsonSchema(schema: JsonSchema, { compileMs = usualCompileMs }: { readonly compileMs?: number } = {}): (timed: TimedAnswer) => Finding {
  const validate = compiled(schema, compileMs);
  return ({ answer, time }) => {
    const json = jsonAnswer(answer);
    if (json.kind === 'None') return json.finding;
    if (json.nodes > maximumNodes) return fail(`is JSON of ${json.nodes} values, ${maximumNodes} at most can be held against jsonSchema`);
    return checked(validate, json.value, time);
  };
}

type Validate = ReturnType<Ajv2020['compile']>;

function compiled({ $schema: _dialect, ...rules }: JsonSchema, compileMs: number): Validate {
  // Its check gives a promise, which is there for every answer, and is broken later, when nobody waits for it any more.
  if (rules['$async'] === true) throw new GraderError('jsonSchema', 'holds $async, which is no keyword of draft 2020-12: remove it');
  const ajv = new Ajv2020({ strictTypes: false, strictRequired: false, strictTuples: false, validateFormats: false, inlineRefs: inlinedKeywords, logger: false, code: { regExp: linearRegExp } });
  try {
    const validate = inBoundedTime(compileMs, () => ajv.compile(rules));
    if (validate.kind === 'Done') return validate.value;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'it cannot be read';
    const isPattern = cause instanceof RE2JSSyntaxException;
    throw new GraderError('jsonSchema', isPattern ? `holds a pattern that is no regular expression of RE2 (${why}); write it without lookarounds and back references` : `is no JSON schema of draft 2020-12: ${why}`, { cause });
  }
  throw new GraderError('jsonSchema', `cannot be compiled within ${compileMs} ms: ${referLess}`);
}

function checked(validate: Validate, value: JsonValue, time: CheckTime): Finding {
  try {
    const fits = time.bounded(() => validate(value));
    if (fits.kind === 'OutOfTime') return notMeasured(`jsonSchema cannot be checked in time: ${referLess}`);
    return fits.value ? pass : fail(`does not fit jsonSchema: ${describe(validate.errors?.[0])}`);
  } catch {
    return notMeasured('jsonSchema refers to itself without end and cannot be checked');
  }
}

/** Names of the schema only: a path in the answer may hold names that the agent chose. */
function describe(error: ErrorObject | undefined): string {
  return error === undefined ? 'a rule is broken' : `the rule ${error.schemaPath} is broken`;
}
