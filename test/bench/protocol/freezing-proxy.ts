import { connect, createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

/** A TCP proxy on loopback that can let connections go silent, as a dropped NAT entry does: they stay open and carry nothing more. */
export class FreezingProxy {
  readonly #server: Server;
  readonly #pairs: Pair[] = [];
  readonly #frozen = new Set<Pair>();

  private constructor(target: { host: string; port: number }) {
    this.#server = createServer((client) => this.#join(client, connect(target)));
  }

  static async listen(target: { host: string; port: number }): Promise<FreezingProxy> {
    const proxy = new FreezingProxy(target);
    await new Promise<void>((resolve) => { proxy.#server.listen(0, '127.0.0.1', resolve); });
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Connections now open, frozen ones included. */
  get open(): number {
    return this.#pairs.length;
  }

  /** Freezes the oldest `count` connections; later ones work. */
  freeze(count: number): void {
    for (const pair of this.#pairs.slice(0, count)) this.#frozen.add(pair);
  }

  async close(): Promise<void> {
    for (const { client, server } of this.#pairs) {
      client.destroy();
      server.destroy();
    }
    await new Promise((resolve) => { this.#server.close(resolve); });
  }

  #join(client: Socket, server: Socket): void {
    const pair = { client, server };
    this.#pairs.push(pair);
    client.setNoDelay();
    server.setNoDelay();
    client.on('data', (chunk) => void (this.#frozen.has(pair) || server.write(chunk)));
    server.on('data', (chunk) => void (this.#frozen.has(pair) || client.write(chunk)));
    for (const [one, other] of [[client, server], [server, client]] as const) {
      one.on('error', () => {});
      one.on('close', () => {
        other.destroy();
        const index = this.#pairs.indexOf(pair);
        if (index !== -1) this.#pairs.splice(index, 1);
      });
    }
  }
}
