import { toOwner } from '../../store/sql/owned-by.ts';
import { integer, text } from '../../store/sql/row.ts';
import type { SqlRow } from '../../store/sql/sql-database.ts';
import { StoreError } from '../../store/store-error.ts';
import type { Session, SessionMessage } from '../session-store.ts';

export function toSession(row: SqlRow): Session {
  return {
    id: text(row, 'id'),
    owner: toOwner(row),
    version: integer(row, 'version'),
    messages: integer(row, 'messages'),
    createdAt: integer(row, 'created_at'),
    updatedAt: integer(row, 'updated_at'),
    expiresAt: integer(row, 'expires_at'),
  };
}

export function toMessage(row: SqlRow): SessionMessage {
  const role = text(row, 'role');
  if (role !== 'user' && role !== 'assistant') throw new StoreError('corrupt', `a message of the store has the role ${role}`);
  return { seq: integer(row, 'seq'), role, content: text(row, 'content'), at: integer(row, 'at') };
}
