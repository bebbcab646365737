/** One update of the confidence of a level. */
export interface PrecisionUpdate {
  /** For example `execution`, `planning`, `abstract`. */
  readonly level: string;
  /** 0 to 1. */
  readonly precision: number;
  readonly predictionError?: number | undefined;
}

export interface ToolExecution {
  readonly tool: string;
  readonly outcome: 'success' | 'failure';
  readonly executionTimeMs?: number | undefined;
  readonly predictionError?: number | undefined;
}

export interface AdaptationEvent {
  readonly cause: string;
  readonly action: string;
  readonly oldPrecision: number;
  readonly newPrecision: number;
}

export type AgentSessionStatus = 'running' | 'completed' | 'failed';

/** What one run of an agent has made known, written in one go. */
export interface RunRecord {
  readonly precision?: readonly PrecisionUpdate[];
  readonly tools?: readonly ToolExecution[];
  readonly adaptations?: readonly AdaptationEvent[];
}

/** Times in milliseconds since 1970. */
export interface RunHistory {
  readonly agentId: string;
  readonly status: AgentSessionStatus;
  readonly startedAt: number;
  readonly precision: readonly (PrecisionUpdate & { readonly at: number })[];
  readonly tools: readonly (ToolExecution & { readonly at: number })[];
  readonly adaptations: readonly (AdaptationEvent & { readonly at: number })[];
}

/** How sure an agent was, what it did and when it changed its ways: tables agent_sessions, precision_history, tool_executions, adaptation_events. */
export interface PrecisionStore {
  /** Beginning one that is there changes nothing. `taken`: another agent has begun one of that name. */
  readonly begin: (run: { readonly sessionId: string; readonly agentId: string }) => Promise<'begun' | 'taken'>;
  /** `unknown`: no such run was begun, or it was removed. */
  readonly record: (sessionId: string, what: RunRecord) => Promise<'recorded' | 'unknown'>;
  readonly finish: (sessionId: string, status: AgentSessionStatus) => Promise<'recorded' | 'unknown'>;
  /** The last `limit` of each. */
  readonly history: (sessionId: string, limit: number) => Promise<RunHistory | undefined>;
  /** The newest precision of each level over all runs of an agent: where the next run begins. */
  readonly latest: (agentId: string) => Promise<ReadonlyMap<string, number>>;
  /** Removes runs that began before `before` (milliseconds since 1970). The number removed. */
  readonly prune: (before: number) => Promise<number>;
}
