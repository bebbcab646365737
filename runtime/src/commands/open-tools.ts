import type { AgentBundle } from '@sluice/crds';
import { createEffectLedger } from '../approvals/effect-ledger.ts';
import { createWriteGate, type WriteGate } from '../approvals/write-gate.ts';
import { ConfigError } from '../config/config-error.ts';
import { createSqlIdempotencyStore } from '../idempotency/sql/sql-idempotency-store.ts';
import { KnowledgeError } from '../knowledge/knowledge-error.ts';
import { createSqlApprovalStore } from '../store/approvals/sql-approval-store.ts';
import { createSqlAuditStore } from '../store/audit/sql-audit-store.ts';
import type { SqlDatabase } from '../store/sql/sql-database.ts';
import { StoreError } from '../store/store-error.ts';
import { openToolResources, type ResourceParts, type ToolResources } from '../tools/tool-resources.ts';

/** What tools share, opened for a process. Throws ConfigError for documents that cannot be read, or kept. */
export async function openResources(bundle: AgentBundle, parts: ResourceParts): Promise<ToolResources> {
  try {
    return await openToolResources(bundle, parts);
  } catch (cause) {
    if (cause instanceof KnowledgeError) throw new ConfigError([{ field: 'knowledge', problem: `cannot be searched: ${cause.message}`, fix: 'Mount the folder by spec.template, or correct its path' }], { cause });
    if (cause instanceof StoreError) throw new ConfigError([{ field: 'knowledge', problem: `cannot be kept in the store: ${cause.message}`, fix: 'Check the store, or set index: Embedded' }], { cause });
    throw cause;
  }
}

/** The gate of writes over a database that has its schema. */
export function openWriteGate(database: SqlDatabase, policyVersion: string): WriteGate {
  return createWriteGate({ approvals: createSqlApprovalStore(database), audit: createSqlAuditStore(database), ledger: createEffectLedger(createSqlIdempotencyStore(database)), policyVersion });
}
