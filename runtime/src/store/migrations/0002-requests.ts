import { serialKey, type Migration } from './migration.ts';

export const requestsMigration: Migration = {
  version: 2,
  name: 'sessions, idempotency keys, approvals, audit',
  statements: (dialect) => [
    `CREATE TABLE sessions (
      id TEXT PRIMARY KEY,
      tenant TEXT NOT NULL,
      subject TEXT NOT NULL,
      version INTEGER NOT NULL,
      messages INTEGER NOT NULL,
      created_at BIGINT NOT NULL,
      updated_at BIGINT NOT NULL,
      expires_at BIGINT NOT NULL
    )`,
    'CREATE INDEX sessions_by_owner ON sessions (tenant, subject, updated_at)',
    'CREATE INDEX sessions_by_end ON sessions (expires_at)',
    `CREATE TABLE session_messages (
      session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
      seq INTEGER NOT NULL,
      role TEXT NOT NULL,
      content TEXT NOT NULL,
      at BIGINT NOT NULL,
      PRIMARY KEY (session_id, seq)
    )`,
    `CREATE TABLE idempotency_keys (
      scope TEXT NOT NULL,
      key TEXT NOT NULL,
      fingerprint TEXT NOT NULL,
      fence BIGINT NOT NULL,
      lease_until BIGINT,
      response TEXT,
      expires_at BIGINT NOT NULL,
      PRIMARY KEY (scope, key)
    )`,
    'CREATE INDEX idempotency_keys_by_end ON idempotency_keys (expires_at)',
    `CREATE TABLE approvals (
      seq ${serialKey(dialect)},
      id TEXT NOT NULL UNIQUE,
      tenant TEXT NOT NULL,
      subject TEXT NOT NULL,
      request_id TEXT NOT NULL,
      tool TEXT NOT NULL,
      rule TEXT NOT NULL,
      digest TEXT NOT NULL,
      diff TEXT NOT NULL,
      state TEXT NOT NULL,
      decided_by TEXT,
      reason TEXT,
      created_at BIGINT NOT NULL,
      decided_at BIGINT,
      expires_at BIGINT NOT NULL
    )`,
    'CREATE INDEX approvals_by_tenant ON approvals (tenant, state, seq)',
    'CREATE INDEX approvals_by_end ON approvals (expires_at)',
    `CREATE TABLE audit (
      seq ${serialKey(dialect)},
      at BIGINT NOT NULL,
      tenant TEXT NOT NULL,
      subject TEXT NOT NULL,
      request_id TEXT NOT NULL,
      trace_id TEXT,
      policy_version TEXT NOT NULL,
      action TEXT NOT NULL,
      target TEXT NOT NULL,
      outcome TEXT NOT NULL,
      details TEXT NOT NULL
    )`,
    'CREATE INDEX audit_by_tenant ON audit (tenant, seq)',
    'CREATE INDEX audit_by_request ON audit (request_id)',
    'CREATE INDEX audit_by_time ON audit (at)',
  ],
};
