import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { Counter, Gauge, Registry } from 'prom-client';
import type { PodTarget } from '../../operator/src/evidence/index.ts';
import { createMetrics, type Metrics } from '../../runtime/src/telemetry/metrics.ts';

const price = { inputDollarsPerMillionTokens: 3, outputDollarsPerMillionTokens: 15 };

export interface PlayedPodOptions {
  readonly name: string;
  readonly port: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Counters with the label "code" which the page announces before they have a series. Default none. */
  readonly announces?: readonly string[];
  /** Default the text format. */
  readonly format?: 'OpenMetrics';
}

/** The metrics page of a pod, made by the runtime's own counters; its process can end and begin again. */
export class PlayedPod {
  readonly name: string;
  readonly port: number;
  readonly #startedAt: number;
  #server: Server | undefined;
  #process = 0;
  #metrics: Metrics;
  #marker: Gauge;
  #counters: ReadonlyMap<string, Counter>;
  #answers: 'page' | 'failure' = 'page';
  readonly #options: PlayedPodOptions;

  constructor(options: PlayedPodOptions) {
    this.name = options.name;
    this.port = options.port;
    this.#startedAt = options.startedAt;
    this.#options = options;
    ({ metrics: this.#metrics, marker: this.#marker, counters: this.#counters } = this.#newProcess());
  }

  get target(): PodTarget {
    return { uid: `uid-${this.name}`, name: this.name, namespace: 'shop', ip: '127.0.0.1', port: this.port, startedAt: this.#startedAt };
  }

  async start(): Promise<void> {
    this.#server = createServer((_, response) => {
      if (this.#answers === 'failure') return void response.writeHead(500).end();
      void this.#metrics.registry.metrics().then((page) => response.writeHead(200, { 'content-type': this.#metrics.registry.contentType }).end(page));
    }).listen(this.port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  /** Requests of every kind, some of them bad, each with calls of tools, tokens and answers. */
  serve(requests: number, options: { readonly badEvery: number }): void {
    const { request, toolCall } = this.#metrics;
    for (let index = 1; index <= requests; index += 1) {
      const bad = index % options.badEvery === 0;
      toolCall({ tool: 'orders', outcome: bad ? 'timeout' : 'success', milliseconds: 20 });
      request(bad ? 'error' : 'success', bad ? 4_000 : 300, { usage: { inputTokens: 900 + index, outputTokens: 200 }, citation: bad ? undefined : index % 3 === 0 ? 'without' : 'with', blockedBy: bad ? 'model-refusal' : undefined });
      if (index % 5 === 0) this.#metrics.mirrored.request('success', 100, { citation: 'with', usage: { inputTokens: 10, outputTokens: 1 } });
    }
  }

  /** Says on its page which look comes next, so that one can wait until everybody has read it. */
  mark(look: number): void {
    this.#marker.set(look);
  }

  /** The process ends and another one begins at 0. */
  restart(): void {
    ({ metrics: this.#metrics, marker: this.#marker, counters: this.#counters } = this.#newProcess());
  }

  /** An event of a counter that was announced; the first makes its series. */
  count(counter: string): void {
    this.#counters.get(counter)?.inc({ code: '500' });
  }

  answerWith(what: 'page' | 'failure'): void {
    this.#answers = what;
  }

  /** Gone at once: nobody reads it any more. */
  stop(): void {
    this.#server?.closeAllConnections();
    this.#server?.close();
  }

  #newProcess(): { metrics: Metrics; marker: Gauge; counters: ReadonlyMap<string, Counter> } {
    this.#process += 1;
    const metrics = createMetrics({ agent: 'support', revision: 'r', tools: ['orders'], price });
    const registers = [metrics.registry];
    new Gauge({ name: 'process_start_time_seconds', help: 'Start of the process.', registers }).set(1_700_000_000 + this.#process);
    const { announces = [], format } = this.#options;
    if (format === 'OpenMetrics') (metrics.registry as unknown as Registry<typeof Registry.OPENMETRICS_CONTENT_TYPE>).setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    const counters = new Map(announces.map((name) => [name, new Counter({ name, help: 'Counts from its first event on.', labelNames: ['code'], registers })]));
    return { metrics, counters, marker: new Gauge({ name: 'test_look', help: 'The look that comes next.', registers }) };
  }
}
