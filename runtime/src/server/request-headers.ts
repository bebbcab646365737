import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { HttpProblem, InvalidInput } from './problem.ts';

/** How often a header of that name was sent; Node keeps the first of most that may stand there once. */
function timesSent({ rawHeaders }: IncomingMessage, name: string): number {
  let times = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const each = rawHeaders[index];
    if (each?.length === name.length && each.toLowerCase() === name) times += 1;
  }
  return times;
}

/** RFC 9112, section 3.2: who reads the first and who reads the second would take the request for two different ones. */
function hostProblem(message: IncomingMessage): HttpProblem | undefined {
  const times = timesSent(message, 'host');
  if (times === 1 || (times === 0 && message.httpVersion !== '1.1')) return undefined;
  return new InvalidInput('Host', times === 0 ? 'The request has no Host header; send one' : 'The request has several Host headers; send one', 400);
}

/** As Node reads it, which sends 100 Continue by itself. */
const continues = /(?:^|\W)100-continue(?:$|\W)/i;

function expectProblem({ headers, httpVersion }: IncomingMessage): HttpProblem | undefined {
  // Only HTTP/1.1 has expectations.
  if (headers.expect === undefined || httpVersion !== '1.1' || continues.test(headers.expect)) return undefined;
  return new HttpProblem({ status: 417, slug: 'expectation-failed', title: 'What the request expects is not done here', detail: 'Expect may be "100-continue"; leave it out', field: 'Expect', outcome: 'rejected' });
}

/** Refuses what Node would answer without a body, or take in silence. */
export function addHeaderChecks(app: FastifyInstance): void {
  // Without a listener Node answers these itself.
  app.server.on('checkExpectation', (message, response) => app.server.emit('request', message, response));
  app.addHook('onRequest', (request, _reply, done) => {
    done(hostProblem(request.raw) ?? expectProblem(request.raw));
  });
}
