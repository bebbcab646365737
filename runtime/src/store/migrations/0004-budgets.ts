import type { Migration } from './migration.ts';

/** Amounts in tokens and millionths of a dollar. */
export const budgetsMigration: Migration = {
  version: 4,
  name: 'budgets',
  statements: () => [
    `CREATE TABLE budget_accounts (
      id TEXT PRIMARY KEY,
      spent_tokens BIGINT NOT NULL DEFAULT 0,
      spent_micro_dollars BIGINT NOT NULL DEFAULT 0,
      reserved_tokens BIGINT NOT NULL DEFAULT 0,
      reserved_micro_dollars BIGINT NOT NULL DEFAULT 0,
      ends_at BIGINT NOT NULL
    )`,
    'CREATE INDEX budget_accounts_by_end ON budget_accounts (ends_at)',
    `CREATE TABLE budget_reservations (
      id TEXT PRIMARY KEY,
      accounts TEXT NOT NULL,
      tokens BIGINT NOT NULL,
      micro_dollars BIGINT NOT NULL,
      expires_at BIGINT NOT NULL
    )`,
    'CREATE INDEX budget_reservations_by_end ON budget_reservations (expires_at)',
  ],
};
