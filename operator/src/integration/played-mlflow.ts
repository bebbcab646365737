import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** As much of an MLflow tracking server as a run needs, on loopback; what it was told is kept as it came. */
export class PlayedMlflow {
  readonly bodies: string[] = [];
  readonly logins = new Set<string | undefined>();
  /** Experiments of namespaces whose names hold this are refused. */
  refuses: string | undefined;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      this.logins.add(request.headers.authorization);
      request.setEncoding('utf8');
      const chunks: string[] = [];
      request.on('data', (chunk: string) => chunks.push(chunk));
      request.on('end', () => {
        this.bodies.push(chunks.join(''));
        const isRefused = this.refuses !== undefined && request.url?.includes(this.refuses) === true;
        const answer = { experiment: { experiment_id: '7' }, run: { info: { run_id: `run${this.bodies.length}` } } };
        response.writeHead(isRefused ? 500 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(isRefused ? {} : answer));
      });
    });
  }

  static async listen(): Promise<PlayedMlflow> {
    const played = new PlayedMlflow();
    played.#server.listen(0, '127.0.0.1');
    await once(played.#server, 'listening');
    return played;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
