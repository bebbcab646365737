import { z } from 'zod';
import { durationField } from '../duration.ts';
import { nameField } from '../references.ts';
import { rules } from '../structural-schema.ts';
import { credentialName } from './credential.ts';
import { destination } from './egress.ts';
import { callPolicy, callRules } from './tool-policy.ts';

const http = destination(
  { field: 'tools[].http', maxHosts: 32, url: 'The endpoint; {name} is replaced by the argument of that name, other arguments go to the query (GET, DELETE) or to the JSON body.' },
  { method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).default('GET').describe('The HTTP method.'), ...credentialName('tools[].http') },
);

const mcp = destination(
  { field: 'tools[].mcp', maxHosts: 8, url: 'The endpoint of the server (Streamable HTTP). Both revisions of the protocol are spoken, 2026-07-28 and the one with a handshake.' },
  {
    tool: z.string().min(1).max(128).optional().describe("The tool's name at the server; not set: its name here."),
    schema: z
      .enum(['Given', 'Server'])
      .optional()
      .describe('Given: `parameters` are those of the tool. Server: they are what the server lists (tools/list), looked at again every five minutes; the tool is offered while the server lists it. The description stays that of the tool. Default Given.'),
    ...credentialName('tools[].mcp'),
  },
);

const openapi = z
  .object({
    document: nameField('tools[].openapi.document').describe('One of spec.agent.openapi.'),
    operationId: z.string().min(1).max(256).describe('The operation, as the document names it.'),
  })
  .describe('The tool is one operation of an OpenAPI document; its parameters come from there when they are not set.');

const knowledge = z
  .object({
    source: nameField('tools[].knowledge.source').describe('One of spec.agent.knowledge.'),
    maxPassages: z.int().min(1).max(20).default(5).describe('Passages that one search gives.'),
    mustCite: z.boolean().optional().describe('Whether an answer must cite a passage that was found, by its mark. An answer that does not is asked for once more, and then withheld.'),
  })
  .describe('The tool searches documents; its parameters are given.');

const transform = z
  .object({ expression: z.string().min(1).max(1_024).describe('JMESPath over the arguments, for example "sum(items[].price)".') })
  .describe('The tool computes from its arguments and reaches nothing.');

const toolParameters = z
  .looseObject({ type: z.string().max(32).optional().describe('Always "object".') })
  .meta(
    rules({
      rule: "has(self.type) && self.type == 'object'",
      message: 'tools[].parameters must be the JSON schema of an object: write type: object and list the arguments under properties',
    }),
  );

/** One thing that the model may call. */
export const tool = z
  .object({
    name: z
      .string()
      .min(1)
      .max(64)
      .meta(rules({ rule: "self.matches('^[a-zA-Z0-9_-]+$')", message: "tools[].name may hold letters, digits, '_' and '-' only, because model providers accept nothing else: rename the tool" }))
      .describe('Name of the tool as the model sees it.'),
    description: z.string().min(1).max(4096).describe('What the tool does; the model chooses by it.'),
    parameters: toolParameters.optional().describe('JSON schema of the arguments: an object schema.'),
    http: http.optional().describe('The tool is one HTTP request.'),
    mcp: mcp.optional().describe('The tool is one of a server of the Model Context Protocol.'),
    openapi: openapi.optional(),
    knowledge: knowledge.optional(),
    transform: transform.optional(),
    timeout: durationField('tools[].timeout', { min: '10ms', max: '10m' }).default('10s').describe('Longest time for one call.'),
    effect: z.enum(['Read', 'Write']).default('Read').describe('Whether a call changes something. A write is made once unless it is declared idempotent.'),
    ...callPolicy,
  })
  .meta(
    rules(
      {
        rule: '[has(self.http), has(self.mcp), has(self.openapi), has(self.knowledge), has(self.transform)].exists_one(set, set)',
        message: 'tools[] each need exactly one of http, mcp, openapi, knowledge and transform: say what the tool calls, and write a second tool for another',
      },
      { rule: "!has(self.mcp) || !has(self.mcp.schema) || self.mcp.schema == 'Given' || !has(self.parameters)", message: 'tools[].parameters and tools[].mcp.schema: Server exclude each other: remove the parameters, or set schema: Given' },
      { rule: "self.effect == 'Read' || (!has(self.knowledge) && !has(self.transform))", message: 'tools[].knowledge and tools[].transform change nothing: remove effect: Write' },
      ...callRules,
    ),
  )
  .describe('One tool.');

/** An OpenAPI document; `url` is where its operations are. */
export const openapiDocument = destination(
  { field: 'spec.agent.openapi[]', maxHosts: 8, url: 'The server of the operations; it stands in for the servers of the document.' },
  {
    name: nameField('spec.agent.openapi[].name').describe('Tools name it by this.'),
    document: z.string().min(1).max(262_144).describe('OpenAPI 3.0 or 3.1 as JSON or YAML.'),
    ...credentialName('spec.agent.openapi[]'),
  },
).describe('An OpenAPI document.');
