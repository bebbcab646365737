import type { AgentBundle } from '@sluice/crds';
import { createEffectLedger } from '../approvals/effect-ledger.ts';
import { createWriteGate, type WriteGate } from '../approvals/write-gate.ts';
import { ConfigError } from '../config/config-error.ts';
import type { HttpTransport } from '../egress/transport.ts';
import { createSqlIdempotencyStore } from '../idempotency/sql/sql-idempotency-store.ts';
import { KnowledgeError } from '../knowledge/knowledge-error.ts';
import { createSqlApprovalStore } from '../store/approvals/sql-approval-store.ts';
import { createSqlAuditStore } from '../store/audit/sql-audit-store.ts';
import type { SqlDatabase } from '../store/sql/sql-database.ts';
import { openToolResources, type ToolResources } from '../tools/tool-resources.ts';

/** What tools share, opened for a process. Throws ConfigError for documents that cannot be read. */
export function openResources(bundle: AgentBundle, transport: HttpTransport): ToolResources {
  try {
    return openToolResources(bundle, transport);
  } catch (cause) {
    if (!(cause instanceof KnowledgeError)) throw cause;
    throw new ConfigError([{ field: 'knowledge', problem: `cannot be searched: ${cause.message}`, fix: 'Mount the folder by spec.template, or correct its path' }], { cause });
  }
}

/** The gate of writes over a database that has its schema. */
export function openWriteGate(database: SqlDatabase, policyVersion: string): WriteGate {
  return createWriteGate({ approvals: createSqlApprovalStore(database), audit: createSqlAuditStore(database), ledger: createEffectLedger(createSqlIdempotencyStore(database)), policyVersion });
}
