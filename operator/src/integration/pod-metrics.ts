import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Behaviour } from './behaviour.ts';

/** Where the operator scrapes (operator/src/agent/pods.ts). */
const port = 8080;
/** Requests that a pod has answered between two scrapes. */
const requestsPerScrape = 40;

/** The metrics page of one played pod on its own loopback address; each scrape finds more requests. */
export class PodMetrics {
  readonly #server: Server;
  readonly #live: Behaviour['live'];
  #scrapes = 0;

  private constructor(live: Behaviour['live']) {
    this.#live = live;
    this.#server = createServer((request, response) => {
      const known = request.url === '/metrics';
      response.writeHead(known ? 200 : 404, { 'content-type': 'text/plain' }).end(known ? this.#page() : '');
    });
  }

  /** Rejects when the address is taken. */
  static async listen(ip: string, live: Behaviour['live']): Promise<PodMetrics> {
    const metrics = new PodMetrics(live);
    metrics.#server.listen(port, ip);
    await once(metrics.#server, 'listening');
    return metrics;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #page(): string {
    this.#scrapes += 1;
    const requests = this.#scrapes * requestsPerScrape;
    const bad = this.#live === 'failing' ? requests / 2 : 0;
    return [
      '# TYPE sluice_requests_total counter',
      `sluice_requests_total{outcome="success"} ${requests - bad}`,
      `sluice_requests_total{outcome="error"} ${bad}`,
      '# TYPE sluice_request_duration_seconds histogram',
      `sluice_request_duration_seconds_bucket{le="0.5"} ${requests - bad}`,
      `sluice_request_duration_seconds_bucket{le="+Inf"} ${requests}`,
      `sluice_request_duration_seconds_sum ${requests}`,
      `sluice_request_duration_seconds_count ${requests}`,
      'process_start_time_seconds 1000',
      '',
    ].join('\n');
  }
}
