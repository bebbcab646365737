import type { AgentBundle } from '@sluice/crds';
import { sleep } from '@sluice/evals/deadline';
import type { Logger } from 'pino';
import { createEffectLedger } from '../approvals/effect-ledger.ts';
import { createWriteGate, type WriteGate } from '../approvals/write-gate.ts';
import { ConfigError } from '../config/config-error.ts';
import { createSqlIdempotencyStore } from '../idempotency/sql/sql-idempotency-store.ts';
import type { Clock } from '../platform/clock.ts';
import { KnowledgeError } from '../knowledge/knowledge-error.ts';
import { createSqlApprovalStore } from '../store/approvals/sql-approval-store.ts';
import { createSqlAuditStore } from '../store/audit/sql-audit-store.ts';
import type { SqlDatabase } from '../store/sql/sql-database.ts';
import { StoreError } from '../store/store-error.ts';
import { keepListed } from '../tools/mcp/keep-listed.ts';
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

/** A write is made once for as long as anybody may ask for it again: a dead job may be queued again, a caller may send its request id. */
const effectKeepMilliseconds = 90 * 86_400_000;
const effectMarginMilliseconds = 5_000;
/** The largest result of a tool is 1 MiB, which JSON may make six times longer. */
const longestEffect = 8_388_608;

/** How long one that writes may take: until then nobody else begins the same write. */
function longestWrite({ tools }: Pick<AgentBundle, 'tools'>): number {
  return Math.max(0, ...tools.filter(({ effect }) => effect === 'Write').map(({ timeoutMs }) => timeoutMs));
}

/** What servers are asked for at the start may take this long; what comes later is offered later. */
const firstListMs = 2_000;

/** Keeps the tools in step with what servers list, where a tool takes its parameters from there. Gives what ends it. */
export async function keepToolsListed(bundle: AgentBundle, { resources, clock, logger }: { readonly resources: ToolResources; readonly clock: Clock; readonly logger: Logger }): Promise<() => Promise<void>> {
  if (!bundle.tools.some(({ mcp }) => mcp?.schema === 'Server')) return async () => {};
  const stop = new AbortController();
  const first = resources.discover(stop.signal);
  const onError = (error: unknown): void => logger.warn({ err: error }, 'servers of tools could not be asked for their lists');
  const kept = keepListed({ resources, clock, first, onError }, stop.signal);
  await Promise.race([first.catch(() => undefined), sleep(clock, firstListMs, stop.signal)]);
  return async () => {
    stop.abort(new Error('closed'));
    await kept;
  };
}

/** The gate of writes over a database that has its schema. */
export function openWriteGate(database: SqlDatabase, bundle: Pick<AgentBundle, 'tools'>, policyVersion: string): WriteGate {
  const limits = { keepMs: effectKeepMilliseconds, leaseMs: longestWrite(bundle) + effectMarginMilliseconds, maxBodyLength: longestEffect };
  return createWriteGate({ approvals: createSqlApprovalStore(database), audit: createSqlAuditStore(database), ledger: createEffectLedger(createSqlIdempotencyStore(database, limits)), policyVersion });
}
