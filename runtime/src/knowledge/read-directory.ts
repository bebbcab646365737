import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import type { KnowledgeDocument } from './knowledge-index.ts';
import { KnowledgeError } from './knowledge-error.ts';

const extensions = new Set(['.md', '.txt']);
const maximumFiles = 10_000;
const maximumBytes = 67_108_864;
const maximumDepth = 8;

/** Names with a dot in front are left out: a mounted ConfigMap keeps its former content under them. */
function filesBelow(folder: string, depth: number): readonly string[] {
  if (depth > maximumDepth) return [];
  return readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .toSorted()
    .flatMap((name) => {
      const path = join(folder, name);
      const entry = statSync(path);
      if (entry.isDirectory()) return filesBelow(path, depth + 1);
      return entry.isFile() && extensions.has(extname(name)) ? [path] : [];
    });
}

/** The first heading of a Markdown document. */
function titleOf(text: string): string | undefined {
  return /^#\s+(.+)$/m.exec(text)?.[1]?.trim();
}

function readDocument(folder: string, path: string): KnowledgeDocument {
  const text = readFileSync(path, 'utf8');
  const title = titleOf(text);
  const id = relative(folder, path).slice(0, -extname(path).length);
  return title === undefined ? { id, text } : { id, text, title };
}

/** The .md and .txt files of a folder and those below it: 10,000 files and 64 MiB at most. Throws KnowledgeError. */
export function readDirectory(folder: string): readonly KnowledgeDocument[] {
  try {
    const paths = filesBelow(folder, 1);
    if (paths.length > maximumFiles) throw new KnowledgeError(`${folder} holds ${paths.length} files; ${maximumFiles} are read at most`);
    const bytes = paths.reduce((sum, path) => sum + statSync(path).size, 0);
    if (bytes > maximumBytes) throw new KnowledgeError(`${folder} holds ${bytes} bytes of text; ${maximumBytes} are read at most`);
    return paths.map((path) => readDocument(folder, path));
  } catch (cause) {
    if (cause instanceof KnowledgeError) throw cause;
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
    throw new KnowledgeError(`${folder} cannot be read: ${code}`, { cause });
  }
}
