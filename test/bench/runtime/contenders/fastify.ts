import { fileURLToPath } from 'node:url';
import { freePorts } from '../../../../hack/src/cluster/free-ports.ts';
import { startProgram } from '../../../runtime-proof/program.ts';
import type { Contender } from '../contender.ts';

const route = fileURLToPath(new URL('fastify-route.ts', import.meta.url));

export const fastifyRoute: Contender = {
  id: 'fastify',
  name: 'a minimal fastify route',
  mostRate: Number.POSITIVE_INFINITY,
  start: async (provider, signal) => {
    const [port = 0] = await freePorts(1);
    const environment = { NODE_ENV: 'production', PROVIDER: provider, PORT: String(port) };
    return await startProgram({ name: 'the fastify route', file: process.execPath, args: [route], environment, url: `http://127.0.0.1:${port}`, readyPath: '/readyz' }, signal);
  },
};
