import { fastify } from 'fastify';
import { Agent, request } from 'undici';

// The least that a server of one's own does: it reads the body, asks the provider and hands the answer on. No limits, ids, logs, metrics or errors.
const { PROVIDER = '', PORT = '0' } = process.env;
const dispatcher = new Agent();
const app = fastify();
app.get('/readyz', async () => ({ status: 'ready' }));
app.post('/v1/chat/completions', async (asked, reply) => {
  const headers = { 'content-type': 'application/json', authorization: 'Bearer sk-test' };
  const answer = await request(`${PROVIDER}/v1/chat/completions`, { dispatcher, method: 'POST', headers, body: JSON.stringify(asked.body) });
  return await reply.code(answer.statusCode).type(String(answer.headers['content-type'])).send(answer.body);
});
await app.listen({ host: '127.0.0.1', port: Number(PORT) });
