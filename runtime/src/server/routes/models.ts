import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { chatProblem, model, modelList } from '../chat-contract.ts';
import { problemsAs } from '../contract.ts';
import { NotFound } from '../request-problems.ts';
import { chatProblems } from './chat-call.ts';
import type { RouteContext } from './route-context.ts';

const tags = ['agent'];
const problems = problemsAs(chatProblem);

/** The agent, as clients of OpenAI look for a model. */
export function modelRoutes(app: FastifyInstance, { agent }: RouteContext): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const own = { id: agent, object: 'model' as const, created: 0, owned_by: 'sluice' };
  routes.get('/v1/models', { schema: { summary: 'The agent, as clients of OpenAI list models', tags, response: { 200: modelList, ...problems } }, config: chatProblems }, async () => ({ object: 'list' as const, data: [own] }));
  const schema = { summary: 'The agent by its name, as clients of OpenAI ask for a model', tags, params: z.object({ id: z.string() }), response: { 200: model, ...problems } };
  routes.route({
    method: 'GET',
    url: '/v1/models/:id',
    schema,
    config: chatProblems,
    handler: async ({ params: { id } }) => {
      if (id === agent) return own;
      throw new NotFound(`There is no model ${JSON.stringify(id)}; the one of this agent is "${agent}"`, 'id');
    },
  });
}
