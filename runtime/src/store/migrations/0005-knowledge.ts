import type { Migration } from './migration.ts';

/** Full text of documents; the embedded store has an index in memory in its place. A collection is named by the digest of what it holds. */
export const knowledgeMigration: Migration = {
  version: 5,
  name: 'knowledge',
  statements: (dialect) =>
    dialect === 'sqlite'
      ? []
      : [
          `CREATE TABLE knowledge_collections (
            digest TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            complete BOOLEAN NOT NULL DEFAULT FALSE,
            used_at BIGINT NOT NULL
          )`,
          `CREATE TABLE knowledge_passages (
            digest TEXT NOT NULL REFERENCES knowledge_collections (digest) ON DELETE CASCADE,
            document TEXT NOT NULL,
            number INTEGER NOT NULL,
            title TEXT,
            url TEXT,
            text TEXT NOT NULL,
            words TSVECTOR NOT NULL,
            PRIMARY KEY (digest, document, number)
          )`,
          'CREATE INDEX knowledge_passages_by_word ON knowledge_passages USING GIN (words)',
        ],
};
