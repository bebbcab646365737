import { nearestName } from './nearest-name.ts';

/** Label names of a counter and their values; `Any` where the agent's spec or traffic gives them. */
export type CounterLabels = Readonly<Record<string, readonly string[] | 'Any'>>;

const perTraffic: Readonly<Record<string, CounterLabels>> = {
  requests_total: { outcome: ['success', 'degraded', 'error', 'timeout', 'overloaded', 'rejected', 'cancelled'] },
  requests_provider_unavailable_total: {},
  answers_total: { citation: ['with', 'without'] },
  requests_blocked_by_rule_total: { rule: 'Any' },
  guardrail_actions_total: { rule: 'Any', effect: ['blocked', 'redacted', 'observed', 'call_refused', 'result_withheld'] },
  tool_calls_total: { tool: 'Any', outcome: ['success', 'pending', 'error', 'timeout', 'refused', 'cancelled'] },
  ...ofHistogram('request_duration_seconds'),
  ...ofHistogram('request_cost_dollars'),
  ...ofHistogram('tool_call_duration_seconds', { tool: 'Any' }),
};

/** The series of a histogram that are counters of events; its sum is none. */
function ofHistogram(name: string, labels: CounterLabels = {}): Record<string, CounterLabels> {
  return { [`${name}_bucket`]: { ...labels, le: 'Any' }, [`${name}_count`]: labels };
}

function prefixed(prefix: string): Record<string, CounterLabels> {
  return Object.fromEntries(Object.entries(perTraffic).map(([name, labels]) => [`${prefix}${name}`, labels]));
}

/** All counters of events that our runtime shows at /metrics, with their labels; each is there at 0 from the start. A test of the runtime holds the list. */
export const runtimeCounters: Readonly<Record<string, CounterLabels>> = {
  ...prefixed('sluice_'),
  ...prefixed('sluice_mirrored_'),
  sluice_budget_refusals_total: { budget: ['perRequest', 'perTenantPerDay', 'perDay'] },
  sluice_config_reloads_total: { file: ['flags', 'access', 'provider_key'], result: ['changed', 'invalid'] },
  sluice_connections_closed_total: { reason: ['room', 'refused', 'unread'] },
  sluice_job_attempts_total: { outcome: ['succeeded', 'retrying', 'failed', 'dead', 'cancelled', 'handed-over', 'waiting', 'lost'] },
  sluice_logins_refused_total: { reason: ['no_credentials', 'unknown_key', 'expired_key', 'malformed', 'issuer', 'algorithm', 'signing_key', 'signature', 'expired', 'not_yet_valid', 'no_expiry', 'no_subject', 'audience', 'claim', 'not_in_force', 'issuer_unavailable', 'review_unavailable'] },
  sluice_model_answers_total: { model: 'Any' },
  sluice_model_calls_total: { outcome: ['success', 'cancelled', 'unauthorized', 'rate_limited', 'overloaded', 'unavailable', 'timeout', 'circuit_open', 'invalid_request', 'invalid_reply'] },
  sluice_model_hedged_calls_total: {},
  sluice_model_tokens_total: { direction: ['input', 'output', 'cache_read', 'cache_write'], outcome: ['success', 'superseded', 'cancelled', 'failed'] },
  sluice_response_cache_lookups_total: { result: ['hit', 'miss'] },
  sluice_store_shed_total: {},
  sluice_telemetry_export_problems_total: {},
  lrs_adaptation_events_total: {},
  lrs_tool_execution_total: { tool: 'Any', success: ['true', 'false'] },
};

/** The counter that was probably meant, among the `known`; often it is the ending that is missing. */
export function nearestCounter(written: string, known: readonly string[] = Object.keys(runtimeCounters)): string | undefined {
  return nearestName(written, known) ?? nearestName(`${written}_total`, known);
}

/** Whether a metric of that name could only be our runtime's. */
export function isRuntimeName(metric: string): boolean {
  return /^(sluice|lrs)_/.test(metric);
}
