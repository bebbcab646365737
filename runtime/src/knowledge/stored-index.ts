import { createHash } from 'node:crypto';
import type { BundleKnowledge } from '@sluice/crds';
import type { SqlDatabase, SqlRow, SqlTransaction } from '../store/sql/sql-database.ts';
import { documentsOf, passageOf, type KnowledgeDocument, type KnowledgeIndex } from './knowledge-index.ts';
import { splitPassages } from './split-passages.ts';
import { indexedText, searchTerms } from './words.ts';

interface PassageRow {
  readonly document: string;
  readonly number: number;
  readonly title: string | null;
  readonly url: string | null;
  readonly text: string;
  /** What is indexed: without accents, and with words in all scripts, as a search is. */
  readonly title_words: string;
  readonly text_words: string;
}

/** Passages that one statement adds, so that each is far from the time that a statement may take. */
const batchSize = 200;

const dayMilliseconds = 86_400_000;

/** A collection that no process has opened or searched for so long is removed; a later search brings it back. */
const unusedMilliseconds = 7 * dayMilliseconds;

/** Accents do not count, and Postgres takes no U+0000. */
function folded(text: string): string {
  return text.normalize('NFD').replaceAll(/\p{M}|\0/gu, '');
}

function rowsOf(documents: readonly KnowledgeDocument[]): readonly PassageRow[] {
  const storable = (text: string | undefined): string | null => text?.replaceAll('\0', '') ?? null;
  return documents.flatMap(({ id, title, url, text }) =>
    splitPassages(storable(text) ?? '').map((passage, index) => ({ document: storable(id) ?? '', number: index + 1, title: storable(title), url: storable(url), text: passage, title_words: indexedText(folded(title ?? id)), text_words: indexedText(folded(passage)) })),
  );
}

function digestOf(name: string, rows: readonly PassageRow[]): string {
  return createHash('sha256').update(JSON.stringify([name, rows])).digest('hex');
}

const insert = `
  INSERT INTO knowledge_passages (digest, document, number, title, url, text, words)
  SELECT $1, document, number, title, url, text, setweight(to_tsvector('english', title_words), 'A') || setweight(to_tsvector('english', text_words), 'B')
  FROM json_to_recordset($2::json) AS given (document TEXT, number INTEGER, title TEXT, url TEXT, text TEXT, title_words TEXT, text_words TEXT)
  ON CONFLICT DO NOTHING
`;

/** Each batch by itself, and again does no harm: replicas may fill at the same time, and one that was killed left nothing half. */
async function fill(database: SqlDatabase, digest: string, rows: readonly PassageRow[]): Promise<void> {
  for (let from = 0; from < rows.length; from += batchSize) {
    await database.transaction((transaction) => transaction.rows(insert, [digest, JSON.stringify(rows.slice(from, from + batchSize))]));
  }
  await database.transaction((transaction) => transaction.rows('UPDATE knowledge_collections SET complete = TRUE WHERE digest = $1', [digest]));
}

async function registered(transaction: SqlTransaction, digest: string, name: string): Promise<boolean> {
  const [row] = await transaction.rows(
    'INSERT INTO knowledge_collections (digest, name, used_at) VALUES ($1, $2, $3) ON CONFLICT (digest) DO UPDATE SET used_at = excluded.used_at RETURNING complete',
    [digest, name, transaction.now],
  );
  return row?.['complete'] === true;
}

/**
 * A word that few passages have counts more (Robertson's idf), a hit in the title double, and long passages no more than short ones.
 * Ties go by document and place, so that the same search gives the same answer.
 */
const select = `
  WITH terms AS (SELECT DISTINCT plainto_tsquery('english', word) AS query FROM json_array_elements_text($2::json) AS word),
    weighed AS (SELECT query, (SELECT count(*) FROM knowledge_passages WHERE digest = $1 AND words @@ query) AS having_it FROM terms WHERE numnode(query) > 0)
  SELECT document, number, text, title, url
  FROM knowledge_passages JOIN weighed ON words @@ query
  WHERE digest = $1
  GROUP BY digest, document, number
  ORDER BY sum(ln(1 + ($4 - having_it + 0.5) / (having_it + 0.5)) * ts_rank('{0.1, 0.2, 0.5, 1.0}', words, query, 1)) DESC, document COLLATE "C", number
  LIMIT $3
`;

/** Removes collections that nobody uses any more; gives their number. Throws StoreError. */
export async function pruneCollections(database: SqlDatabase): Promise<number> {
  if (database.dialect === 'sqlite') return 0;
  const removed = await database.transaction((transaction) => transaction.rows('DELETE FROM knowledge_collections WHERE used_at < $1 RETURNING digest', [transaction.now - unusedMilliseconds]));
  return removed.length;
}

/** The documents as full text in Postgres: one index for all replicas. Adds what is not there yet. Throws KnowledgeError or StoreError. */
export async function openStoredIndex(knowledge: BundleKnowledge, database: SqlDatabase): Promise<KnowledgeIndex> {
  const rows = rowsOf(documentsOf(knowledge));
  const digest = digestOf(knowledge.name, rows);
  let keptUntil = 0;
  const keep = async (): Promise<void> => {
    const found = await database.transaction(async (transaction) => ({ at: transaction.now, isComplete: await registered(transaction, digest, knowledge.name) }));
    if (!found.isComplete) await fill(database, digest, rows);
    keptUntil = found.at + dayMilliseconds;
  };
  const find = async (terms: readonly string[], limit: number): Promise<readonly SqlRow[] | 'not-kept'> =>
    await database.transaction(async (transaction) => (transaction.now >= keptUntil ? 'not-kept' : await transaction.rows(select, [digest, JSON.stringify(terms), limit, rows.length])));
  const search: KnowledgeIndex['search'] = async (query, limit) => {
    const terms = searchTerms(folded(query));
    if (terms.length === 0) return [];
    let found = await find(terms, limit);
    if (found === 'not-kept') {
      await keep();
      found = await find(terms, limit);
    }
    return found === 'not-kept' ? [] : found.map((row) => passageOf(knowledge.name, row));
  };
  await keep();
  return { passages: rows.length, search, close: () => {} };
}
