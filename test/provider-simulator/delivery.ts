import { once } from 'node:events';
import type { FastifyReply } from 'fastify';
import type { Respond } from './script/script.ts';
import type { RecordedRequest } from './request-log.ts';

export interface Delivery {
  readonly reply: FastifyReply;
  readonly message: object;
  readonly events: readonly string[];
  readonly errorEvent: string;
  readonly stream: boolean;
  readonly respond: Respond | undefined;
  /** Aborts when the client is gone. */
  readonly gone: AbortSignal;
  /** Aborts when the client is gone or the simulator stops: the end of a hang. */
  readonly hangEnds: AbortSignal;
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

type Outcome = RecordedRequest['outcome'];

/** Sends the answer, broken the way the script says; resolves with how it ended. */
export async function deliver(delivery: Delivery): Promise<Outcome> {
  return delivery.stream ? deliverStream(delivery) : deliverBody(delivery);
}

/** Keeps the connection open and silent until `ends` aborts, then closes it. */
export async function hang(reply: FastifyReply, ends: AbortSignal): Promise<void> {
  if (!reply.sent) reply.hijack();
  if (!ends.aborted) await once(ends, 'abort');
  reply.raw.destroy();
}

async function deliverBody({ reply, message, respond }: Delivery): Promise<Outcome> {
  const body = JSON.stringify(message);
  if (respond?.cutStreamAfterEvents !== undefined) {
    open(reply, { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) });
    await write(reply, body.slice(0, body.length / 2));
    reply.raw.destroy();
    return 'cut';
  }
  await reply.type('application/json').send(respond?.malformedJson ? body.slice(0, -1) : body);
  return respond?.malformedJson ? 'malformed' : 200;
}

async function deliverStream(delivery: Delivery): Promise<Outcome> {
  const { reply, respond, events } = delivery;
  open(reply, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
  const stopAt = respond?.cutStreamAfterEvents ?? respond?.hangStreamAfterEvents ?? respond?.errorStreamAfterEvents ?? events.length;
  const sent = await writeEvents(delivery, (respond?.malformedJson ? breakLastJson(events) : events).slice(0, stopAt));
  if (sent === 'client-gone') return sent;
  return endStream(delivery);
}

async function writeEvents({ reply, respond, gone, sleep }: Delivery, events: readonly string[]): Promise<'sent' | 'client-gone'> {
  for (const event of events) {
    await sleep(respond?.eventDelayMs ?? 0, gone).catch(() => undefined);
    if (gone.aborted) return 'client-gone';
    await write(reply, event);
  }
  return 'sent';
}

async function endStream({ reply, respond, errorEvent, hangEnds }: Delivery): Promise<Outcome> {
  if (respond?.cutStreamAfterEvents !== undefined) {
    reply.raw.destroy();
    return 'cut';
  }
  if (respond?.hangStreamAfterEvents !== undefined) {
    await hang(reply, hangEnds);
    return 'stream-hang';
  }
  if (respond?.errorStreamAfterEvents !== undefined) await write(reply, errorEvent);
  reply.raw.end();
  if (respond?.errorStreamAfterEvents !== undefined) return 'stream-error';
  return respond?.malformedJson ? 'malformed' : 200;
}

/** The headers set so far, and these, go out; from here on the raw response is ours. */
function open(reply: FastifyReply, headers: Readonly<Record<string, string>>): void {
  reply.hijack();
  const already = Object.fromEntries(Object.entries(reply.getHeaders()).filter(([, value]) => value !== undefined));
  reply.raw.writeHead(200, { ...already, ...headers } as Record<string, string>);
  reply.raw.flushHeaders();
}

/** Resolves once the chunk is handed to the kernel, or the client is gone. */
async function write(reply: FastifyReply, chunk: string): Promise<void> {
  await new Promise<void>((resolve) => {
    reply.raw.write(chunk, () => resolve());
  });
}

function breakLastJson(events: readonly string[]): readonly string[] {
  const at = events.findLastIndex((event) => event.endsWith('}\n\n'));
  return events.map((event, index) => (index === at ? `${event.slice(0, -3)}\n\n` : event));
}
