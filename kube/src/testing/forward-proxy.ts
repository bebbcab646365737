import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

/** An HTTP proxy on loopback that tunnels (CONNECT), asks for a password when given one, and notes what it was asked. */
export class ForwardProxy {
  readonly tunnels: { readonly target: string; readonly authorization: string | undefined }[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(expected: string | undefined) {
    this.#server = createServer((_request, response) => response.writeHead(501).end());
    this.#server.on('connect', (request, client: Socket) => {
      const authorization = request.headers['proxy-authorization'];
      this.tunnels.push({ target: request.url ?? '', authorization });
      this.#track(client);
      if (expected !== undefined && authorization !== expected) return void client.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n');
      const { hostname, port } = new URL(`http://${request.url}`);
      const server = connect(Number(port), hostname, () => {
        client.write('HTTP/1.1 200 Connection established\r\n\r\n');
        server.pipe(client);
        client.pipe(server);
      });
      this.#track(server);
    });
  }

  static async listen(options: { authorization?: string } = {}): Promise<ForwardProxy> {
    const proxy = new ForwardProxy(options.authorization);
    await new Promise<void>((resolve) => { proxy.#server.listen(0, '127.0.0.1', resolve); });
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get open(): number {
    return this.#sockets.size;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => { this.#server.close(resolve); });
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => {});
  }
}
