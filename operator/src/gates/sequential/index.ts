export { accumulate, isSettled } from './accumulate.ts';
export type { GateEvidence, ScrapeBlock } from './evidence.ts';
export { deadlineTestFor, type Forecast, forecast, type Traffic } from './forecast.ts';
export { GatePolicyError } from './gate-error.ts';
export { conclude, type Conclusion, judge, type Judgement, type Reason, type Verdict } from './judge.ts';
export { type BoundMetric, type CostMetric, gateDefaults, type GatePolicy, type MetricPolicy, policyFingerprint, type RateMetric } from './policy.ts';
export { checkPolicy } from './policy-check.ts';
export { type MetricReport, metricSentence } from './report.ts';
export { carryOver, type GateState, openState } from './state.ts';
