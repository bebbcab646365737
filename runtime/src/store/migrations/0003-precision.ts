import { serialKey, type Migration } from './migration.ts';

/** The tables that dashboards of such agents read; real timestamps, as people query them by hand. SQLite keeps those as ISO 8601 text. */
export const precisionMigration: Migration = {
  version: 3,
  name: 'precision',
  statements: (dialect) => [
    `CREATE TABLE agent_sessions (
      session_id VARCHAR(255) PRIMARY KEY,
      agent_id VARCHAR(255) NOT NULL,
      start_time TIMESTAMPTZ NOT NULL,
      status VARCHAR(50) NOT NULL
    )`,
    'CREATE INDEX agent_sessions_by_time ON agent_sessions (start_time)',
    `CREATE TABLE precision_history (
      id ${serialKey(dialect)},
      session_id VARCHAR(255) NOT NULL REFERENCES agent_sessions (session_id) ON DELETE CASCADE,
      timestamp TIMESTAMPTZ NOT NULL,
      level VARCHAR(50) NOT NULL,
      precision_value DOUBLE PRECISION NOT NULL,
      prediction_error DOUBLE PRECISION
    )`,
    'CREATE INDEX precision_history_by_session ON precision_history (session_id, id)',
    `CREATE TABLE tool_executions (
      id ${serialKey(dialect)},
      session_id VARCHAR(255) NOT NULL REFERENCES agent_sessions (session_id) ON DELETE CASCADE,
      timestamp TIMESTAMPTZ NOT NULL,
      tool_name VARCHAR(255) NOT NULL,
      success BOOLEAN NOT NULL,
      execution_time_ms DOUBLE PRECISION,
      prediction_error DOUBLE PRECISION
    )`,
    'CREATE INDEX tool_executions_by_session ON tool_executions (session_id, id)',
    `CREATE TABLE adaptation_events (
      id ${serialKey(dialect)},
      session_id VARCHAR(255) NOT NULL REFERENCES agent_sessions (session_id) ON DELETE CASCADE,
      timestamp TIMESTAMPTZ NOT NULL,
      cause VARCHAR(255) NOT NULL,
      action VARCHAR(255) NOT NULL,
      old_precision DOUBLE PRECISION NOT NULL,
      new_precision DOUBLE PRECISION NOT NULL
    )`,
    'CREATE INDEX adaptation_events_by_session ON adaptation_events (session_id, id)',
  ],
};
