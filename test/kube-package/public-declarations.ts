import { readFile } from 'node:fs/promises';

const sources = new URL('../../kube/src/', import.meta.url);

/** Something that kube/src/index.ts exports and that runs: types need no comment of their own beside their members'. */
export interface PublicDeclaration {
  readonly file: string;
  readonly kind: 'function' | 'class';
  readonly name: string;
  readonly comment: 'documented' | 'bare';
}

/** All functions and classes that the index exports, by name or by `export *`. */
export async function publicDeclarations(): Promise<PublicDeclaration[]> {
  const index = await readFile(new URL('index.ts', sources), 'utf8');
  const found: PublicDeclaration[] = [];
  for (const match of index.matchAll(/^export (?<names>\{[^}]*\}|\*) from '\.\/(?<file>[^']+)';$/gm)) {
    const { names = '', file = '' } = match.groups ?? {};
    const declared = declarationsIn(file, await readFile(new URL(file, sources), 'utf8'));
    found.push(...(names === '*' ? declared : declared.filter(({ name }) => exported(names).includes(name))));
  }
  return found;
}

function exported(names: string): string[] {
  return names.replaceAll(/[{}]/g, '').split(',').map((each) => each.trim()).filter((each) => !each.startsWith('type '));
}

/** The exported functions and classes of a source text; `documented` when a doc comment stands right before. */
export function declarationsIn(file: string, text: string): PublicDeclaration[] {
  const lines = text.split('\n');
  return lines.flatMap((line, at) => {
    const { kind, name } = /^export (?:async |abstract )?(?<kind>function|class)\*? (?<name>\w+)/.exec(line)?.groups ?? {};
    if ((kind !== 'function' && kind !== 'class') || name === undefined) return [];
    return [{ file, kind, name, comment: lines[at - 1]?.endsWith('*/') ? 'documented' as const : 'bare' as const }];
  });
}
