import type { FastifyInstance } from 'fastify';
import { sendProblem } from './error-handler.ts';

interface KnownPath {
  readonly pattern: RegExp;
  readonly methods: Set<string>;
}

/** A parameter is one part of a path, `*` the rest of it. */
function patternOf(url: string): RegExp {
  const source = url.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll('*', '.*').replaceAll(/:[A-Za-z0-9_]+/g, '[^/]+');
  return new RegExp(`^${source}$`);
}

/** A path that is there is answered with 405 and its methods, whatever the body and the credentials. Registered before the routes, which it collects. */
export function addMethodNotAllowed(app: FastifyInstance): void {
  const paths = new Map<string, KnownPath>();
  app.addHook('onRoute', ({ url, method }) => {
    // What browsers ask first is answered for paths that are not there too.
    if (method === 'OPTIONS') return;
    const known = paths.get(url) ?? { pattern: patternOf(url), methods: new Set() };
    for (const each of [method].flat()) known.methods.add(each);
    paths.set(url, known);
  });
  app.addHook('onRequest', async (request, reply) => {
    if (!request.is404) return;
    const [path = ''] = request.url.split('?');
    const methods = [...paths.values()].filter(({ pattern }) => pattern.test(path)).flatMap((known) => [...known.methods]);
    if (methods.length === 0) return;
    const allow = [...new Set(methods)].toSorted().join(', ');
    return sendProblem(request, reply, { status: 405, slug: 'method-not-allowed', title: 'The method is not allowed', detail: `This path takes ${allow}`, headers: { allow }, outcome: 'rejected' });
  });
}
