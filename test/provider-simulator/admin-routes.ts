import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { RequestLog } from './request-log.ts';
import { parseScript, ScriptError } from './script/parse-script.ts';
import type { ScriptHolder } from './script/scripted-state.ts';

const requestsQuery = z.object({ limit: z.coerce.number().int().min(0).max(1000).default(100) });

/** `/__sim/`: read and change the script at run time, see what was asked. */
export function adminRoutes(app: FastifyInstance, holder: ScriptHolder, log: RequestLog): void {
  app.get('/__sim/script', () => view(holder));
  app.put('/__sim/script', async (request, reply) => {
    try {
      holder.replace(parseScript(request.body));
      return view(holder);
    } catch (error) {
      if (!(error instanceof ScriptError)) throw error;
      return reply.status(400).send({ error: error.message });
    }
  });
  app.delete('/__sim/script', () => {
    holder.reset();
    return view(holder);
  });
  app.get('/__sim/requests', async (request, reply) => {
    const query = requestsQuery.safeParse(request.query);
    return query.success ? log.list(query.data.limit) : reply.status(400).send({ error: 'limit: give a whole number from 0 to 1000' });
  });
  app.delete('/__sim/requests', async (_request, reply) => {
    log.clear();
    return reply.status(204).send();
  });
}

/** API keys are counted, never shown. */
function view(holder: ScriptHolder): object {
  const { script, rules } = holder.current;
  const { apiKeys, ...shown } = script;
  return { script: shown, apiKeys: apiKeys?.length ?? 'any', uses: rules.uses() };
}
