import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const kube = new URL('../../kube/', import.meta.url);

/** A TypeScript block of the documentation. */
export interface Example {
  /** Of the document, relative to kube/. */
  readonly document: string;
  /** Where the block begins, for messages. */
  readonly line: number;
  /** The file name behind the fence's language, when it has one. */
  readonly name: string | undefined;
  readonly code: string;
}

/** README.md and docs/*.md, relative to kube/. */
export async function documents(): Promise<string[]> {
  const docs = await readdir(fileURLToPath(new URL('docs', kube)));
  return ['README.md', ...docs.filter((file) => file.endsWith('.md')).map((file) => `docs/${file}`).toSorted()];
}

export function readDocument(document: string): Promise<string> {
  return readFile(new URL(document, kube), 'utf8');
}

/** The blocks fenced as `ts`, in order. A fence of another language is not TypeScript to run. */
export function examplesIn(document: string, text: string): Example[] {
  const examples: Example[] = [];
  for (const match of text.matchAll(/^```ts(?: (?<name>\S+))?\n(?<code>[\s\S]*?)^```$/gm)) {
    const { name, code = '' } = match.groups ?? {};
    examples.push({ document, line: text.slice(0, match.index).split('\n').length, name, code });
  }
  return examples;
}

export async function allExamples(): Promise<Example[]> {
  const found = await Promise.all((await documents()).map(async (document) => examplesIn(document, await readDocument(document))));
  return found.flat();
}
