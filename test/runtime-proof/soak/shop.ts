import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

/** What the tools of the agent ask: a shop on loopback that is slow and fails now and then, so that precision moves. */
export interface Shop {
  readonly url: string;
  /** Writes that were made, by what they are of. */
  readonly writes: () => number;
  /** What was written more than once: each refund and each cancellation is asked for once, however often the agent was asked. */
  readonly twice: () => readonly string[];
  readonly close: () => Promise<void>;
}

/** Of so many looks at an order in a row the last ones fail: long enough for the agent to change its ways, and to find back. */
const cycle = 200;
const failing = 60;
const slowOneIn = 50;
const slowMs = 300;
/** Of so many writes one has no answer that says that it was made, though it was. */
const doubtfulOneIn = 40;

const leastBytes = 5_000;
const mostBytes = 50_000;

/** 5 to 50 KB, the same for the same report; few are large. */
export function reportBytes(id: number): number {
  return Math.round(leastBytes + (mostBytes - leastBytes) * (((id * 7_919) % 101) / 100) ** 3);
}

function reportOf(id: string): string {
  const line = `Report ${id} says that parcels were sent and came. `;
  return line.repeat(Math.ceil(reportBytes(Number(id)) / line.length));
}

export async function openShop(): Promise<Shop> {
  const made = new Map<string, number>();
  let looks = 0;
  let writes = 0;
  const look = async (id: string): Promise<readonly [number, string]> => {
    looks += 1;
    if (looks % slowOneIn === 0) await wait(slowMs);
    if (looks % cycle >= cycle - failing) return [500, 'the shop could not read its orders'];
    return [200, JSON.stringify({ order_id: id, status: 'sent' })];
  };
  const write = (path: string): readonly [number, string] => {
    writes += 1;
    made.set(path, (made.get(path) ?? 0) + 1);
    return writes % doubtfulOneIn === 0 ? [504, 'the shop did not say in time'] : [200, JSON.stringify({ made: path })];
  };
  const answerTo = async ({ method, url = '/' }: IncomingMessage): Promise<readonly [number, string]> => {
    const [, kind = '', id = ''] = url.split('/');
    if (method === 'POST') return write(`${kind}/${id}`);
    return kind === 'reports' ? [200, reportOf(id)] : await look(id);
  };
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    request.resume();
    void answerTo(request).then(([status, text]) => response.writeHead(status, { 'content-type': text.startsWith('{') ? 'application/json' : 'text/plain' }).end(text));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the shop has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    writes: () => writes,
    twice: () => [...made].filter(([, times]) => times > 1).map(([path]) => path),
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
