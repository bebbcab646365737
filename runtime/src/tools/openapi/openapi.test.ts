import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../platform/clock-fake.ts';
import { createFakeTransport } from '../../testing/fake-transport.ts';
import { openToolResources } from '../tool-resources.ts';
import { createToolbox } from '../toolbox.ts';
import { OpenapiError } from './openapi-error.ts';
import { parseOpenapi } from './openapi-document.ts';
import { readOperation } from './operation.ts';

const document = `
openapi: 3.0.3
info: { title: Shop, version: '1' }
servers: [{ url: 'http://169.254.169.254/' }]
paths:
  /orders/{order_id}:
    parameters:
      - { name: order_id, in: path, required: true, schema: { type: string, minLength: 1 } }
      - { name: X-Region, in: header, schema: { type: string } }
    get:
      operationId: getOrder
      parameters:
        - $ref: '#/components/parameters/Expand'
        - { name: session, in: cookie, schema: { type: string } }
    patch:
      operationId: changeOrder
      requestBody:
        required: true
        content: { application/json: { schema: { $ref: '#/components/schemas/Change' } } }
  /files:
    post:
      operationId: upload
      requestBody: { required: true, content: { text/csv: { schema: { type: string } } } }
  /secret:
    get:
      operationId: secret
      parameters: [{ name: token, in: cookie, required: true, schema: { type: string } }]
components:
  parameters:
    Expand: { name: expand, in: query, description: What to add., schema: { type: array, items: { type: string } } }
  schemas:
    Change:
      type: object
      required: [state]
      properties:
        state: { type: string, nullable: true, enum: [open, closed] }
        example: { type: string }
        total: { type: number, minimum: 0, exclusiveMinimum: true }
        parent: { $ref: '#/components/schemas/Change' }
        lines: { type: array, items: { $ref: '#/components/schemas/Line' } }
    Line: { type: object, properties: { sku: { type: string, example: 'A-1' } } }
    Unused: { type: object }
`;

const server = { url: 'https://api.example.com/v1/', allowedHosts: ['api.example.com'] };
const read = (operationId: string) => readOperation(parseOpenapi(document), operationId, server);

describe('readOperation', () => {
  it('makes a request to the server of the bundle, whatever servers the document names', () => {
    expect(read('getOrder')).toEqual({
      target: { method: 'GET', url: 'https://api.example.com/v1/orders/{order_id}', allowedHosts: ['api.example.com'], allowedNetworks: undefined, places: { query: ['expand'], headers: ['X-Region'], body: undefined } },
      parameters: {
        type: 'object', additionalProperties: false, required: ['order_id'],
        properties: { order_id: { type: 'string', minLength: 1 }, 'X-Region': { type: 'string' }, expand: { type: 'array', items: { type: 'string' }, description: 'What to add.' } },
      },
    });
  });

  it('makes JSON schema of draft 2020-12 of what it needs, and of nothing else', () => {
    const { parameters } = read('changeOrder');
    expect(parameters).toMatchObject({ required: ['order_id', 'body'], properties: { body: { $ref: '#/$defs/Change' } } });
    expect(parameters['$defs']).toEqual({
      Change: {
        type: 'object', required: ['state'],
        properties: { state: { type: ['string', 'null'], enum: ['open', 'closed', null] }, example: { type: 'string' }, total: { type: 'number', exclusiveMinimum: 0 }, parent: { $ref: '#/$defs/Change' }, lines: { type: 'array', items: { $ref: '#/$defs/Line' } } },
      },
      Line: { type: 'object', properties: { sku: { type: 'string' } } },
    });
  });

  it.each([
    ['getOrders', 'there is no operation getOrders; the document has getOrder, changeOrder, upload, secret'],
    ['upload', 'the body of the operation is not JSON, and a tool sends nothing else'],
    ['secret', 'the parameter token is in cookie, which a tool cannot send'],
  ])('refuses %s', (operationId, message) => {
    expect(() => read(operationId)).toThrow(new OpenapiError(message));
  });

  it.each([
    ['swagger: "2.0"', 'must begin with openapi: 3.x.y'],
    ['openapi: 3.1.0\npaths: {', 'neither JSON nor YAML'],
    ['[]', 'must begin with openapi'],
  ])('reads no document in %j', (text, message) => {
    expect(() => parseOpenapi(text)).toThrow(message);
  });

  it('leaves headers out that are no business of a model', () => {
    const names = ['Authorization', 'accept', 'Content-Type', 'Host', 'Transfer-Encoding', 'X-Region'];
    const parsed = (required: boolean) => parseOpenapi(JSON.stringify({ openapi: '3.1.0', paths: { '/': { get: { operationId: 'a', parameters: names.map((name) => ({ name, in: 'header', required: required && name === 'Host', schema: { type: 'string' } })) } } } }));
    const { target, parameters } = readOperation(parsed(false), 'a', server);
    expect(target.places?.headers).toEqual(['X-Region']);
    expect(Object.keys(parameters['properties'] as object)).toEqual(['X-Region']);
    expect(() => readOperation(parsed(true), 'a', server)).toThrow('the parameter Host is a header of the connection, which a tool cannot send');
  });

  it.each([['#/components/schemas/Nothing', 'leads nowhere'], ['https://evil.example.com/schema.json', 'is not below'], ['other.yaml#/A', 'is not below']])('follows no reference to %s', (reference, message) => {
    const parsed = parseOpenapi(JSON.stringify({ openapi: '3.1.0', paths: { '/': { post: { operationId: 'a', requestBody: { content: { 'application/json': { schema: { $ref: reference } } } } } } } }));
    expect(() => readOperation(parsed, 'a', server)).toThrow(message);
  });
});

describe('a tool of an operation', () => {
  it('sends arguments to their places and checks them by the document', async () => {
    const transport = createFakeTransport({ body: '{}' });
    const resources = await openToolResources({ openapi: [{ name: 'shop', document, ...server }] }, { transport, clock: createFakeClock() });
    const tool = (name: string, operationId: string, effect: 'Read' | 'Write') => ({ name, description: 'x', openapi: { document: 'shop', operationId }, timeoutMs: 1_000, effect });
    const toolbox = createToolbox({ tools: [tool('get', 'getOrder', 'Read'), tool('change', 'changeOrder', 'Write')], clock: createFakeClock(), transport, resources, writes: 'live', observe: () => {} });
    const call = (name: string, args: unknown) => toolbox.call({ name, argumentsJson: JSON.stringify(args), requestId: 'r', ref: 'tool-1' }, new AbortController().signal);
    expect(await call('get', { order_id: 'a/b', expand: ['x', 'y'], 'X-Region': 'eu\r\nx-evil: 1' })).toMatchObject({ kind: 'ok' });
    expect(await call('change', { order_id: '1', body: { state: 'closed', lines: [{ sku: 'A' }] } })).toMatchObject({ kind: 'ok' });
    expect(await call('change', { order_id: '1', body: { state: 'lost' } })).toMatchObject({ failure: 'refused', reason: expect.stringContaining('body.state') });
    expect(await call('get', {})).toMatchObject({ failure: 'refused' });
    expect(transport.requests.map(({ method, url, body }) => [method, url.href, body])).toEqual([
      ['GET', 'https://api.example.com/v1/orders/a%2Fb?expand=x&expand=y', undefined],
      ['PATCH', 'https://api.example.com/v1/orders/1', '{"state":"closed","lines":[{"sku":"A"}]}'],
    ]);
    expect(transport.requests[0]?.headers).toMatchObject({ 'x-region': 'eux-evil: 1', 'x-request-id': 'r' });
    expect(toolbox.descriptions[0]?.parameters['required']).toEqual(['order_id']);
  });
});
