import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance, preHandlerHookHandler } from 'fastify';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';

interface DescribedSchema {
  readonly type?: unknown;
  readonly anyOf?: readonly DescribedSchema[];
}

interface DescribedBody {
  required?: boolean;
  readonly content: Readonly<Record<string, { readonly schema?: DescribedSchema }>>;
}

/** A body that may be null may be absent, which the library does not tell. */
function tellOptionalBody(body: DescribedBody): void {
  if (Object.values(body.content).some(({ schema }) => schema?.anyOf?.some(({ type }) => type === 'null') === true)) body.required = false;
}

function tellOptionalBodies<T extends { readonly paths?: object }>(document: T): T {
  for (const path of Object.values(document.paths ?? {})) {
    for (const { requestBody } of Object.values(path as Record<string, { readonly requestBody?: DescribedBody }>)) if (requestBody !== undefined) tellOptionalBody(requestBody);
  }
  return document;
}

const prefix = '/docs';

/** The document as text, written once: it is long, and anybody may ask for it. */
function keptDocument(app: FastifyInstance): preHandlerHookHandler {
  let text: string | undefined;
  return (request, reply, done) => {
    if (request.routeOptions.url !== `${prefix}/json`) return done();
    text ??= JSON.stringify(app.swagger());
    void reply.type('application/json; charset=utf-8').send(text);
  };
}

/** OpenAPI 3.1 at /docs/json and a page to read it at /docs. Registered before the routes, which it collects. */
export async function addDocs(app: FastifyInstance, info: { readonly agent: string; readonly revision: string }): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: `${info.agent}, served by Sluice`, version: info.revision, description: 'Ask the agent; see how it is.' },
      tags: [
        { name: 'agent', description: 'Ask the agent.' },
        { name: 'jobs', description: 'Ask the agent for later.' },
        { name: 'sessions', description: 'Conversations.' },
        { name: 'approvals', description: 'Writes that a person must approve.' },
        { name: 'operations', description: 'Probes and metrics.' },
      ],
    },
    transform: jsonSchemaTransform,
    transformObject: (document) => ('openapiObject' in document ? tellOptionalBodies(document.openapiObject) : document.swaggerObject),
  });
  await app.register(swaggerUi, { routePrefix: prefix, staticCSP: true, uiHooks: { preHandler: keptDocument(app) } });
}
