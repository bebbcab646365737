/** A function or method with a body. */
export interface FunctionLength {
  readonly name: string;
  /** Where it begins, counted from 1. */
  readonly line: number;
  /** From its first line to its closing brace. */
  readonly lines: number;
}

const FUNCTION = /^(?:export )?(?:async )?function\*? (?<name>\w+)/;
const CLASS = /^(?:export )?(?:abstract )?class (?<name>\w+)/;
const MEMBER = /^ {2}(?:(?:static|async|override|protected|private|public|get|set) )*\*?(?<name>#?\w+)(?:<[^(]*>)?\(/;

/**
 * Functions of modules and methods of classes in a source text. It counts by indentation, which the repository keeps to: what begins at an
 * indentation ends at the first line that closes at the same one. Functions inside functions belong to the outer one.
 */
export function functionLengths(text: string): FunctionLength[] {
  const lines = text.split('\n');
  const found: FunctionLength[] = [];
  let inClass: 'class' | 'module' = 'module';
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (CLASS.test(line) && !line.endsWith('}')) inClass = 'class';
    else if (line === '}') inClass = 'module';
    const name = (inClass === 'class' ? MEMBER : FUNCTION).exec(line)?.groups?.['name'];
    const count = name === undefined ? undefined : bodyLines(lines, at, inClass === 'class' ? '  ' : '');
    if (name === undefined || count === undefined) continue;
    found.push({ name, line: at + 1, lines: count });
    at += count - 1;
  }
  return found;
}

/** undefined for a signature without a body. */
function bodyLines(lines: readonly string[], from: number, indent: string): number | undefined {
  const first = lines[from] ?? '';
  if (first.endsWith('}')) return 1;
  if (first.endsWith(';')) return undefined;
  for (let at = from + 1; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (line === `${indent}}`) return at - from + 1;
    if (line.startsWith(`${indent})`) && line.endsWith(';')) return undefined;
  }
  return undefined;
}
