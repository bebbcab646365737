import { fail, type Finding } from './finding.ts';

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

export type JsonAnswer = { readonly kind: 'Json'; readonly value: JsonValue; readonly nodes: number } | { readonly kind: 'None'; readonly finding: Finding };

/** Deeper JSON would overflow the stack of what walks it. */
const maximumDepth = 100;

const fence = /^```(?:json)?[ \t]*\r?\n([\s\S]*?)\r?\n?```$/i;

/** The JSON that an answer is: the whole of it, or the whole of one fenced block. */
export function jsonAnswer(answer: string): JsonAnswer {
  const text = answer.trim();
  const parsed = parseJson(fence.exec(text)?.[1] ?? text);
  if (parsed === undefined) return { kind: 'None', finding: fail(text === '' ? 'is empty and not JSON' : 'is not JSON') };
  const nodes = countNodes(parsed.value);
  return nodes === undefined ? { kind: 'None', finding: fail(`is JSON of more than ${maximumDepth} levels`) } : { kind: 'Json', value: parsed.value, nodes };
}

/** The value of a JSON text; undefined when it is none. */
export function parseJson(text: string): { readonly value: JsonValue } | undefined {
  try {
    return { value: JSON.parse(text) as JsonValue };
  } catch {
    return undefined;
  }
}

/** Values within a value, itself counted; undefined when it is too deep. */
function countNodes(root: JsonValue): number | undefined {
  let level: readonly JsonValue[] = [root];
  let nodes = 0;
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth === maximumDepth) return undefined;
    nodes += level.length;
    level = level.flatMap((value) => (typeof value === 'object' && value !== null ? Object.values(value) : []));
  }
  return nodes;
}
