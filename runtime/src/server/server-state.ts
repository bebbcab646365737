import type { IdempotencyStore } from '../idempotency/idempotency-store.ts';
import type { JobStore } from '../jobs/job-store.ts';
import type { StoreReach } from '../lifecycle/readyz.ts';
import type { SessionStore } from '../sessions/session-store.ts';
import type { ApprovalStore } from '../store/approvals/approval-store.ts';
import type { AuditStore } from '../store/audit/audit-store.ts';
import type { Bus } from '../store/bus/bus.ts';
import type { RateLimiter } from '../store/rate-limits/rate-limiter.ts';
import type { Health } from '../store/store-health.ts';
import type { TaskRecords } from '../store/tasks/task-records.ts';

/** What the server keeps, and what it shares with other replicas. */
export interface ServerState {
  readonly sessions: SessionStore;
  readonly idempotency: IdempotencyStore;
  /** Tells others of what it writes. */
  readonly jobs: JobStore;
  readonly approvals: ApprovalStore;
  readonly audit: AuditStore;
  readonly tasks: TaskRecords;
  readonly bus: Bus;
  readonly rateLimiter: RateLimiter;
  readonly health: () => Health;
  readonly storeReach: StoreReach;
  /** Why a job may not call back there; undefined when it may. */
  readonly callbackRefusal: (url: URL) => string | undefined;
}
