export { epochMsOf, isoTime } from './clock-time.ts';
export { EvidenceError, type Evidence, type EvidenceRequest, type EvidenceSource, type PodTarget } from './evidence-source.ts';
export { circuitMetric, durationMetric, outcomes, providerUnavailableMetric, requestsMetric, type Outcome } from './pod-counters.ts';
export { emptySample, infinityEdge } from './sample.ts';
export { PodScraper, type ScraperOptions } from './scraper.ts';
