import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Clock } from './clock.ts';
import { textFraction } from './seeded-random.ts';
import { sampleLatency } from './script/latency.ts';
import type { ScriptHolder } from './script/scripted-state.ts';

type ServiceName = 'orders' | 'orders-v2';

const STATES = ['processing', 'packed', 'shipped', 'out for delivery', 'delivered'] as const;
const CARRIERS = ['Northern Post', 'Blue Van', 'Harbour Freight'] as const;
const ORDER_ID = /^[A-Za-z]{0,4}-?\d{1,12}$/u;

/** The id may be in the path, in the query or in a JSON body, as different agents' tools send it. */
const idSource = z.object({ id: z.string().optional(), order_id: z.union([z.string(), z.number()]).optional(), orderId: z.union([z.string(), z.number()]).optional() });

/** The order-status business service that agents call as a tool, in its good and its bad version. */
export function orderRoutes(app: FastifyInstance, holder: ScriptHolder, clock: Clock): void {
  for (const name of ['orders', 'orders-v2'] as const) {
    const handler = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => answer({ name, holder, clock, request, reply });
    app.route({ method: ['GET', 'POST'], url: `/tools/${name}/:id`, handler });
    app.route({ method: ['GET', 'POST'], url: `/tools/${name}`, handler });
  }
}

interface OrderCall {
  readonly name: ServiceName;
  readonly holder: ScriptHolder;
  readonly clock: Clock;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

async function answer({ name, holder, clock, request, reply }: OrderCall): Promise<FastifyReply> {
  const { script, random } = holder.current;
  const settings = script.tools[name];
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  await clock.sleep(sampleLatency(settings.latency, random), gone.signal).catch(() => undefined);
  const id = orderId(request);
  if (id === undefined) return reply.status(400).send({ error: 'order_id: give an order number such as 1042 or A-1042, in the path, the query or a JSON body' });
  if (textFraction(`${name}/${id}`) < settings.failShare) return reply.status(settings.failStatus).send({ error: 'the order service could not read its database' });
  return reply.send(orderOf(id));
}

function orderId(request: FastifyRequest): string | undefined {
  const sources = [request.params, request.query, request.body].map((source) => idSource.safeParse(source ?? {}).data);
  const id = sources.flatMap((source) => [source?.id, source?.order_id, source?.orderId]).find((value) => value !== undefined);
  return id !== undefined && ORDER_ID.test(String(id)) ? String(id) : undefined;
}

/** The same order for the same id, whichever version answers. */
function orderOf(id: string): object {
  const fraction = textFraction(`order/${id}`);
  return {
    order_id: id,
    status: STATES[Math.floor(fraction * STATES.length)],
    carrier: CARRIERS[Math.floor(textFraction(`carrier/${id}`) * CARRIERS.length)],
    days_to_delivery: Math.floor(fraction * 97) % 6,
  };
}
