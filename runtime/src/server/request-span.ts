import type { FastifyInstance } from 'fastify';
import type { OpenSpan, Tracing } from '../telemetry/tracing/tracing.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Null for probes and pages, of which no span is told. */
    span: OpenSpan | null;
  }
}

const traced = /^\/(v1|\.well-known)\//;

/** Begins a span with each request of callers, and lets what the request causes be a part of it. */
export function addRequestSpans(app: FastifyInstance, tracing: Tracing, traffic: 'user' | 'mirror'): void {
  app.decorateRequest('span', null);
  app.addHook('onRequest', (request, _reply, done) => {
    const { url: route } = request.routeOptions;
    if (route === undefined || !traced.test(route)) return done();
    const attributes = { 'http.request.method': request.method, 'http.route': route, 'url.scheme': request.protocol, 'sluice.traffic': traffic };
    Object.assign(request, { span: tracing.begin({ span: 'request', attributes, requestId: request.id, ...request.trace }) });
    done();
  });
  // With a callback, so that all hooks and the handler that follow run within it.
  app.addHook('preHandler', (request, _reply, done) => {
    if (request.span === null) return done();
    if (request.requestId !== request.id) request.span.set({ 'sluice.request_id': request.requestId });
    request.span.run(done);
  });
  app.addHook('onResponse', (request, reply, done) => {
    const { span } = request;
    if (span === null) return done();
    span.set({ 'http.response.status_code': reply.statusCode });
    if (reply.statusCode >= 500) span.fail(String(reply.statusCode));
    span.end();
    done();
  });
}
