import { DatabaseSync } from 'node:sqlite';
import type { BundleKnowledge } from '@sluice/crds';
import { documentsOf, passageOf, type KnowledgeDocument, type KnowledgeIndex } from './knowledge-index.ts';
import { splitPassages } from './split-passages.ts';
import { indexedText, searchTerms } from './words.ts';

// The stemmer is English; words of other languages stay as they are, without accents. Marks are a part of words: in many scripts they are vowels. `text` is there where it is not what is indexed.
const schema = `
  CREATE TABLE documents (id TEXT PRIMARY KEY, title TEXT, url TEXT) WITHOUT ROWID;
  CREATE VIRTUAL TABLE passages USING fts5 (title, words, text UNINDEXED, document UNINDEXED, number UNINDEXED, tokenize = "porter unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'");
`;

/** A hit in the title counts double; ties go by document and place, so that the same search gives the same answer. */
const select = `
  SELECT passages.document, passages.number, coalesce(passages.text, passages.words) AS text, documents.title, documents.url
  FROM passages JOIN documents ON documents.id = passages.document
  WHERE passages MATCH ? ORDER BY bm25(passages, 2.0, 1.0), passages.document, passages.number LIMIT ?
`;

/** Every word in quotes: nothing that is searched for is read as syntax. */
function matchExpression(query: string): string | undefined {
  const terms = searchTerms(query);
  return terms.length === 0 ? undefined : terms.map((term) => `"${term}"`).join(' OR ');
}

function fill(database: DatabaseSync, documents: readonly KnowledgeDocument[]): number {
  const addDocument = database.prepare('INSERT INTO documents (id, title, url) VALUES (?, ?, ?)');
  const addPassage = database.prepare('INSERT INTO passages (title, words, text, document, number) VALUES (?, ?, ?, ?, ?)');
  let count = 0;
  database.exec('BEGIN');
  for (const { id, title, url, text } of documents) {
    addDocument.run(id, title ?? null, url ?? null);
    const passages = splitPassages(text);
    passages.forEach((passage, index) => {
      const words = indexedText(passage);
      addPassage.run(indexedText(title ?? id), words, words === passage ? null : passage, id, index + 1);
    });
    count += passages.length;
  }
  database.exec('COMMIT');
  return count;
}

/** Reads the documents into an index in memory. Throws KnowledgeError. */
export function openEmbeddedIndex(knowledge: BundleKnowledge): KnowledgeIndex {
  const documents = documentsOf(knowledge);
  const database = new DatabaseSync(':memory:');
  database.exec(schema);
  const passages = fill(database, documents);
  const statement = database.prepare(select);
  const search: KnowledgeIndex['search'] = async (query, limit) => {
    const expression = matchExpression(query);
    return expression === undefined ? [] : statement.all(expression, limit).map((row) => passageOf(knowledge.name, row));
  };
  return { passages, search, close: () => database.close() };
}
