import type { JsonPathExpectation } from '@sluice/crds';
import { isDeepStrictEqual } from 'node:util';
import { query } from 'jsonpath-rfc9535';
import parse from 'jsonpath-rfc9535/parser';
import { fail, named, pass, type Finding } from './finding.ts';
import { GraderError } from './grader.ts';
import { jsonAnswer, parseJson, type JsonValue } from './json-answer.ts';

/** Steps that one search may take at most. */
const maximumSteps = 20_000_000;
/** How often a path may select the same value. */
const maximumCopies = 1_000;

interface CompiledPath {
  readonly path: string;
  /** The search takes at most (values of the answer) to the power of this. */
  readonly exponent: number;
  /** Times as many, because the selectors of one bracket may select the same value: [*,*] doubles what all segments after it search. */
  readonly copies: number;
  readonly equals: { readonly value: JsonValue } | undefined;
}

/** Compiles the paths once. Throws GraderError. */
export function compileJsonPaths(expectations: readonly JsonPathExpectation[]): (answer: string) => Finding {
  const paths = expectations.map(compilePath);
  return (answer) => {
    const json = jsonAnswer(answer);
    if (json.kind === 'None') return json.finding;
    const findings = paths.map((path) => gradePath(path, json));
    return findings.find(({ verdict }) => verdict !== 'Pass') ?? pass;
  };
}

function gradePath({ path, exponent, copies, equals }: CompiledPath, json: { readonly value: JsonValue; readonly nodes: number }): Finding {
  if (json.nodes ** exponent * copies > maximumSteps) return fail(`is too large to be searched for ${named(path)} (${json.nodes} values)`);
  const found = query(json.value as Parameters<typeof query>[0], path);
  if (found.length === 0) return fail(`has nothing at ${named(path)}`);
  return equals === undefined || found.every((value) => isDeepStrictEqual(value, equals.value)) ? pass : fail(`has another value at ${named(path)} than was asked for`);
}

function compilePath({ path, equalsJson }: JsonPathExpectation, index: number): CompiledPath {
  const field = `jsonPath[${index}]`;
  const equals = equalsJson === undefined ? undefined : parseJson(equalsJson);
  if (equalsJson !== undefined && equals === undefined) throw new GraderError(`${field}.equalsJson`, `${named(equalsJson)} is not JSON; a text needs quotation marks: '"open"'`);
  const tree = parsed(path, `${field}.path`);
  const call = nodesOf(tree).find(({ type, name }) => type === 'FunctionExpr' && (name === 'match' || name === 'search'));
  // They run on an engine that backtracks.
  if (call !== undefined) throw new GraderError(`${field}.path`, `${named(path)} calls ${String(call['name'])}(), which may take for ever; use matches, or jsonSchema with a pattern`);
  const copies = copiesOf(tree);
  if (copies > maximumCopies) throw new GraderError(`${field}.path`, `${named(path)} may select a value ${copies} times, and ${maximumCopies} at most are allowed; write fewer selectors into its brackets, or several paths`);
  return { path, exponent: exponentOf(tree), copies, equals };
}

function parsed(path: string, field: string): unknown {
  try {
    return parse(path);
  } catch (cause) {
    throw new GraderError(field, `${named(path)} is no JSONPath of RFC 9535; write for example "$.order.status"`, { cause });
  }
}

type Node = Readonly<Record<string, unknown>>;

function nodesOf(tree: unknown): readonly Node[] {
  if (typeof tree !== 'object' || tree === null) return [];
  const children = Object.values(tree).flatMap(nodesOf);
  return Array.isArray(tree) ? children : [tree as Node, ...children];
}

/**
 * One pass over the answer, and one more for each descendant segment after the first and for each query in a filter, which is made
 * again for every value that it filters. Filters of names alone (`@.price < 10`) are a fixed effort each.
 */
function exponentOf(tree: unknown): number {
  const nodes = nodesOf(tree);
  const count = (...types: readonly string[]): number => nodes.filter(({ type }) => types.includes(String(type))).length;
  const queries = nodes.filter(({ type, value }) => type === 'FilterQuery' && nodesOf(value).some((node) => isMany(node))).length;
  return Math.max(1, count('DescendantSegment')) + queries + count('AbsSingularQuery');
}

function copiesOf(tree: unknown): number {
  return nodesOf(tree).reduce((product, { type, selectors }) => (type === 'BracketedSelection' && Array.isArray(selectors) ? product * selectors.length : product), 1);
}

function isMany({ type }: Node): boolean {
  return ['DescendantSegment', 'WildcardSelector', 'SliceSelector', 'FilterSelector', 'JsonPathQuery'].includes(String(type));
}
