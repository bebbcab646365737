import { RE2JS } from 're2js';
import { isJsonObject, type JsonObject } from '../platform/json-object.ts';
import { deepestNesting, isNestedDeeper } from '../tools/nesting.ts';

/** A schema that an answer cannot be checked by; the message names the keyword and what to write. */
export class AnswerSchemaError extends Error {
  override readonly name = 'AnswerSchemaError';
}

/** Whether a value fits. */
export type FitsSchema = (value: unknown) => boolean;

/** What one look at a value may still do; whoever wrote the schema may have written one that refers to itself, or that branches without end. */
interface Run {
  steps: number;
  depth: number;
}

type Check = (value: unknown, run: Run) => boolean;
type Rules = JsonObject;

interface Place {
  readonly path: string;
  readonly rules: Rules;
  readonly compile: (schema: unknown, path: string) => Check;
  readonly resolve: (reference: string) => Check | undefined;
}

type Keyword = (rule: unknown, place: Place) => Check;

const limits = { schemas: 1_000, patternInstructions: 4_000, steps: 200_000, depth: 256 } as const;
const shownCharacters = 64;

/** They say something of a value, and refuse none. */
const annotations: ReadonlySet<string> = new Set(['$schema', '$id', '$comment', '$defs', 'definitions', 'title', 'description', 'default', 'examples', 'deprecated', 'readOnly', 'writeOnly', 'format']);

function wrong(path: string, what: string): AnswerSchemaError {
  return new AnswerSchemaError(`${path} ${what}`);
}

function listOf(rule: unknown, path: string): readonly unknown[] {
  if (Array.isArray(rule) && rule.length > 0) return rule;
  throw wrong(path, 'must be a list with an item at least');
}

function numberOf(rule: unknown, path: string): number {
  if (typeof rule === 'number') return rule;
  throw wrong(path, 'must be a number');
}

function countOf(rule: unknown, path: string): number {
  if (typeof rule === 'number' && Number.isInteger(rule) && rule >= 0) return rule;
  throw wrong(path, 'must be a whole number, 0 or more');
}

/** The same text for values that are equal as JSON. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  return `{${Object.keys(value).toSorted().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(',')}}`;
}

const types: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: (value) => Number.isInteger(value),
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
  array: Array.isArray,
  object: isJsonObject,
};

function typeCheck(rule: unknown, { path }: Place): Check {
  const allowed = [rule].flat().map((name) => {
    const check = typeof name === 'string' && Object.hasOwn(types, name) ? types[name] : undefined;
    if (check === undefined) throw wrong(path, `must be one or several of ${Object.keys(types).join(', ')}`);
    return check;
  });
  return (value) => allowed.some((check) => check(value));
}

function enumCheck(rule: unknown, { path }: Place): Check {
  const allowed = new Set(listOf(rule, path).map(canonical));
  return (value) => allowed.has(canonical(value));
}

function branches(rule: unknown, { path, compile }: Place): readonly Check[] {
  return listOf(rule, path).map((schema, index) => compile(schema, `${path}.${index}`));
}

/** Own members alone: a name such as __proto__ is one like others. */
function memberChecks(rule: unknown, { path, compile }: Place): readonly (readonly [string, Check])[] {
  if (!isJsonObject(rule)) throw wrong(path, 'must be an object of schemas');
  return Object.entries(rule).map(([name, schema]) => [name, compile(schema, `${path}.${name.slice(0, shownCharacters)}`)] as const);
}

function propertiesCheck(rule: unknown, place: Place): Check {
  const checks = memberChecks(rule, place);
  return (value, run) => !isJsonObject(value) || checks.every(([name, check]) => !Object.hasOwn(value, name) || check(value[name], run));
}

function additionalCheck(rule: unknown, { path, rules, compile }: Place): Check {
  const check = compile(rule, path);
  const known = new Set(isJsonObject(rules['properties']) ? Object.keys(rules['properties']) : []);
  return (value, run) => !isJsonObject(value) || Object.keys(value).every((name) => known.has(name) || check(value[name], run));
}

function requiredCheck(rule: unknown, { path }: Place): Check {
  if (!Array.isArray(rule) || !rule.every((name) => typeof name === 'string')) throw wrong(path, 'must be a list of names');
  return (value) => !isJsonObject(value) || rule.every((name) => Object.hasOwn(value, name));
}

/** Never backtracks, whoever wrote it. */
function patternCheck(rule: unknown, { path }: Place): Check {
  if (typeof rule !== 'string') throw wrong(path, 'must be a regular expression');
  let pattern: RE2JS;
  try {
    pattern = RE2JS.compile(rule);
  } catch {
    throw wrong(path, 'is no regular expression of RE2: write it without lookarounds, back references and counts above 1000');
  }
  if (pattern.programSize() > limits.patternInstructions) throw wrong(path, 'is too large: use smaller counts in {}');
  return (value) => typeof value !== 'string' || pattern.test(value);
}

function referenceCheck(rule: unknown, { path, resolve }: Place): Check {
  if (typeof rule !== 'string' || !/^#(\/(\$defs|definitions)\/[^/]+)?$/.test(rule)) throw wrong(path, 'must be "#" or "#/$defs/<name>": put what it refers to there');
  return (value, run) => resolve(rule)?.(value, run) === true;
}

const numeric = (fits: (value: number, bound: number) => boolean): Keyword => (rule, { path }) => {
  const bound = numberOf(rule, path);
  return (value) => typeof value !== 'number' || fits(value, bound);
};

const counted = (sizeOf: (value: unknown) => number | undefined, fits: (size: number, bound: number) => boolean): Keyword => (rule, { path }) => {
  const bound = countOf(rule, path);
  return (value) => {
    const size = sizeOf(value);
    return size === undefined || fits(size, bound);
  };
};

const characters = (value: unknown): number | undefined => (typeof value === 'string' ? Array.from(value).length : undefined);
const items = (value: unknown): number | undefined => (Array.isArray(value) ? value.length : undefined);
const members = (value: unknown): number | undefined => (isJsonObject(value) ? Object.keys(value).length : undefined);
const atLeast = (value: number, bound: number): boolean => value >= bound;
const atMost = (value: number, bound: number): boolean => value <= bound;

function isMultiple(value: number, of: number): boolean {
  const times = value / of;
  return Math.abs(times - Math.round(times)) < 1e-9;
}

const keywords: Readonly<Record<string, Keyword>> = {
  $ref: referenceCheck,
  type: typeCheck,
  enum: enumCheck,
  const: (rule) => (value) => canonical(value) === canonical(rule),
  properties: propertiesCheck,
  required: requiredCheck,
  additionalProperties: additionalCheck,
  items: (rule, { path, compile }) => {
    const check = compile(rule, path);
    return (value, run) => !Array.isArray(value) || value.every((item) => check(item, run));
  },
  anyOf: (rule, place) => {
    const checks = branches(rule, place);
    return (value, run) => checks.some((check) => check(value, run));
  },
  oneOf: (rule, place) => {
    const checks = branches(rule, place);
    return (value, run) => checks.filter((check) => check(value, run)).length === 1;
  },
  allOf: (rule, place) => {
    const checks = branches(rule, place);
    return (value, run) => checks.every((check) => check(value, run));
  },
  pattern: patternCheck,
  minLength: counted(characters, atLeast),
  maxLength: counted(characters, atMost),
  minItems: counted(items, atLeast),
  maxItems: counted(items, atMost),
  minProperties: counted(members, atLeast),
  maxProperties: counted(members, atMost),
  minimum: numeric(atLeast),
  maximum: numeric(atMost),
  exclusiveMinimum: numeric((value, bound) => value > bound),
  exclusiveMaximum: numeric((value, bound) => value < bound),
  multipleOf: (rule, place) => {
    if (numberOf(rule, place.path) <= 0) throw wrong(place.path, 'must be above 0');
    return numeric(isMultiple)(rule, place);
  },
};

class TooMuch extends Error {
  override readonly name = 'TooMuch';
}

/** Each schema that is looked at is a step; one within another is a level. */
function bounded(checks: readonly Check[]): Check {
  return (value, run) => {
    run.steps -= 1;
    run.depth += 1;
    if (run.steps < 0 || run.depth > limits.depth) throw new TooMuch();
    const fits = checks.every((check) => check(value, run));
    run.depth -= 1;
    return fits;
  };
}

function keywordOf(name: string, path: string): Keyword {
  const keyword = Object.hasOwn(keywords, name) ? keywords[name] : undefined;
  if (keyword === undefined) throw wrong(`${path}.${name.slice(0, shownCharacters)}`, 'is no keyword that answers are checked by; leave it out, and say it in a description');
  return keyword;
}

/**
 * Reads a schema of JSON (the keywords of draft 2020-12 that structured outputs use) that a caller wrote. It is interpreted and never made code, and a look at
 * an answer ends after a bounded number of steps: what is beyond does not fit. Throws AnswerSchemaError, also for a keyword that it does not know.
 */
export function compileAnswerSchema(schema: Rules): FitsSchema {
  if (isNestedDeeper(schema, deepestNesting)) throw wrong('schema', `is nested deeper than ${deepestNesting} levels`);
  const definitions = new Map<string, Check>();
  let count = 0;
  const resolve = (reference: string): Check | undefined => definitions.get(reference);
  const compile = (rules: unknown, path: string): Check => {
    count += 1;
    if (count > limits.schemas) throw wrong('schema', `has more than ${limits.schemas} schemas in it`);
    if (typeof rules === 'boolean') return () => rules;
    if (!isJsonObject(rules)) throw wrong(path, 'must be a schema: an object, true or false');
    const checks = Object.entries(rules).flatMap(([name, rule]) => (annotations.has(name) ? [] : [keywordOf(name, path)(rule, { path: `${path}.${name}`, rules, compile, resolve })]));
    return bounded(checks);
  };
  if (schema['type'] !== 'object') throw wrong('schema.type', 'must be "object": an answer is one JSON object');
  for (const place of ['$defs', 'definitions']) {
    const rule = schema[place];
    if (rule === undefined) continue;
    for (const [name, check] of memberChecks(rule, { path: `schema.${place}`, rules: schema, compile, resolve })) definitions.set(`#/${place}/${name}`, check);
  }
  const root = compile(schema, 'schema');
  definitions.set('#', root);
  const missing = referencesOf(schema).find((reference) => !definitions.has(reference));
  if (missing !== undefined) throw wrong('schema', `refers to ${missing.slice(0, shownCharacters)}, which is not in it`);
  return (value) => {
    try {
      return root(value, { steps: limits.steps, depth: 0 });
    } catch (error) {
      if (error instanceof TooMuch) return false;
      throw error;
    }
  };
}

function referencesOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(referencesOf);
  if (!isJsonObject(value)) return [];
  const own = typeof value['$ref'] === 'string' ? [value['$ref']] : [];
  return [...own, ...Object.values(value).flatMap(referencesOf)];
}
