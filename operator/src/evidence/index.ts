export type { KeptEvidence } from './counting-source.ts';
export { epochMsOf, isoTime } from './clock-time.ts';
export { EvidenceError, type Evidence, type EvidenceProblem, type EvidenceRequest, type EvidenceSource, type PodTarget } from './evidence-source.ts';
export { circuitMetric, costMetric, durationMetric, outcomes, providerUnavailableMetric, requestsMetric, type Outcome } from './pod-counters.ts';
export { emptySample, infinityEdge } from './sample.ts';
export type { PrometheusEndpoint } from './prometheus/client.ts';
export { PrometheusSource, type PrometheusSourceOptions } from './prometheus/prometheus-source.ts';
export { PodScraper, type ScraperOptions } from './scraper.ts';
export { EvidenceSources, type EvidenceSourcesOptions } from './sources.ts';
