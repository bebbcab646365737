import { readFile } from 'node:fs/promises';

const sources = new URL('../src/', import.meta.url);

/** Something that an index of src/ exports and that exists at run time. */
export interface PublicDeclaration {
  /** Relative to src/. */
  readonly file: string;
  readonly kind: 'function' | 'class' | 'const';
  readonly name: string;
  /** The doc comment's text right before it, in one line; '' when there is none. */
  readonly comment: string;
}

/** All functions, classes and constants that an index exports, by name or by `export *`. */
export async function publicDeclarations(index: 'index.ts' | 'testing/index.ts'): Promise<PublicDeclaration[]> {
  const at = new URL(index, sources);
  const found: PublicDeclaration[] = [];
  for (const match of (await readFile(at, 'utf8')).matchAll(/^export (?<names>\{[^}]*\}|\*) from '(?<from>\.[^']+)';$/gm)) {
    const { names = '', from = '' } = match.groups ?? {};
    const file = new URL(from, at);
    const declared = declarationsIn(file.href.slice(sources.href.length), await readFile(file, 'utf8'));
    found.push(...(names === '*' ? declared : declared.filter(({ name }) => exported(names).includes(name))));
  }
  return found;
}

function exported(names: string): string[] {
  return names.replaceAll(/[{}]/g, '').split(',').map((each) => each.trim()).filter((each) => !each.startsWith('type '));
}

/** The exported functions, classes and constants of a source text. */
export function declarationsIn(file: string, text: string): PublicDeclaration[] {
  const lines = text.split('\n');
  return lines.flatMap((line, at) => {
    const { kind, name } = /^export (?:async |abstract )?(?<kind>function|class|const)\*? (?<name>\w+)/.exec(line)?.groups ?? {};
    if ((kind !== 'function' && kind !== 'class' && kind !== 'const') || name === undefined) return [];
    return [{ file, kind, name, comment: commentBefore(lines, at) }];
  });
}

function commentBefore(lines: readonly string[], at: number): string {
  if (!lines[at - 1]?.endsWith('*/')) return '';
  let from = at - 1;
  while (from > 0 && !lines[from]?.startsWith('/**')) from -= 1;
  return lines.slice(from, at).map((line) => line.replace(/^\s*\/?\*+\/? ?/, '').replace(/\s*\*\/$/, '')).join(' ').trim();
}
