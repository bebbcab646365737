import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { systemClock } from '@sluice/kube';
import type { Behaviour } from './behaviour.ts';

/** Where the operator scrapes (operator/src/agent/observe/pods.ts). */
const port = 8080;
/** Requests that a pod has answered between two scrapes. */
const requestsPerScrape = 40;
/** A pod without the provider takes so long to give it up. */
const circuitOpensAfterMs = 500;

export interface PodPlay {
  readonly live: Behaviour['live'];
  /** Since when the pod does not reach the model provider, milliseconds since the epoch. */
  readonly cutOffSince: () => number | undefined;
}

/** The metrics page of one played pod on its own loopback address; each scrape finds more requests. */
export class PodMetrics {
  readonly #server: Server;
  readonly #play: PodPlay;
  #good = 0;
  #bad = 0;
  #providerFailures = 0;
  #scrapedAt = systemClock.now();

  private constructor(play: PodPlay) {
    this.#play = play;
    this.#server = createServer((request, response) => {
      const known = request.url === '/metrics';
      response.writeHead(known ? 200 : 404, { 'content-type': 'text/plain' }).end(known ? this.#page() : '');
    });
  }

  /** Rejects when the address is taken. */
  static async listen(ip: string, play: PodPlay): Promise<PodMetrics> {
    const metrics = new PodMetrics(play);
    metrics.#server.listen(port, ip);
    await once(metrics.#server, 'listening');
    return metrics;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  /** Serves the requests since the last scrape, which came at even distances: those without the provider all go wrong. */
  #serve(now: number, cutOffSince = now): void {
    const cutOff = Math.min(1, (now - cutOffSince) / Math.max(1, now - this.#scrapedAt));
    const lost = Math.round(requestsPerScrape * cutOff);
    const bad = lost + (this.#play.live === 'failing' ? Math.floor((requestsPerScrape - lost) / 2) : 0);
    this.#scrapedAt = now;
    this.#bad += bad;
    this.#good += requestsPerScrape - bad;
    this.#providerFailures += lost;
  }

  #page(): string {
    const now = systemClock.now();
    const cutOffSince = this.#play.cutOffSince();
    this.#serve(now, cutOffSince);
    const requests = this.#good + this.#bad;
    return [
      '# TYPE sluice_requests_total counter',
      `sluice_requests_total{outcome="success"} ${this.#good}`,
      `sluice_requests_total{outcome="error"} ${this.#bad}`,
      '# TYPE sluice_request_duration_seconds histogram',
      `sluice_request_duration_seconds_bucket{le="0.5"} ${this.#good}`,
      `sluice_request_duration_seconds_bucket{le="+Inf"} ${requests}`,
      `sluice_request_duration_seconds_sum ${requests}`,
      `sluice_request_duration_seconds_count ${requests}`,
      `sluice_requests_provider_unavailable_total ${this.#providerFailures}`,
      `sluice_provider_circuit_open ${cutOffSince !== undefined && now - cutOffSince >= circuitOpensAfterMs ? 1 : 0}`,
      'process_start_time_seconds 1000',
      '',
    ].join('\n');
  }
}
