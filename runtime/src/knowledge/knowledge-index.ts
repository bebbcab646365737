import type { BundleKnowledge } from '@sluice/crds';
import { KnowledgeError } from './knowledge-error.ts';
import type { Passage } from './passage.ts';
import { readDirectory } from './read-directory.ts';

export type KnowledgeDocument = NonNullable<BundleKnowledge['documents']>[number];

export interface FoundPassage extends Passage {
  readonly text: string;
}

/** A collection of documents that can be searched. */
export interface KnowledgeIndex {
  readonly passages: number;
  /** The best first; words in any language, none of them a must. Throws StoreError where a server keeps the index. */
  readonly search: (query: string, limit: number) => Promise<readonly FoundPassage[]>;
  readonly close: () => void;
}

/** The documents of a collection, at least one. Throws KnowledgeError. */
export function documentsOf({ name, documents, directory }: BundleKnowledge): readonly KnowledgeDocument[] {
  const found = documents ?? (directory === undefined ? [] : readDirectory(directory));
  if (found.length === 0) throw new KnowledgeError(`the collection ${name} holds no documents`);
  const twice = found.map(({ id }) => id).toSorted().find((id, place, ids) => id === ids[place + 1]);
  if (twice !== undefined) throw new KnowledgeError(`the collection ${name} has two documents with the id ${twice}, which citations could not tell apart`);
  return found;
}

/** A row of either database as a passage. */
export function passageOf(source: string, { document, number, text, title, url }: Readonly<Record<string, unknown>>): FoundPassage {
  return { mark: `${source}/${String(document)}#${String(number)}`, source, document: String(document), title: textOrNothing(title), url: textOrNothing(url), text: String(text) };
}

function textOrNothing(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
