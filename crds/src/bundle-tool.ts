import { z } from 'zod';

const destination = {
  allowedHosts: z.array(z.string().min(1)).min(1).describe('Hosts that a call may reach, redirects included, for example "api.example.com" or "*.example.com"; that of the URL must be one of them.'),
  allowedNetworks: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe('Private networks (CIDR, for example "10.20.0.0/16" or "127.0.0.0/8") that the allowed hosts may resolve into. Names of a cluster (one label, or ending in .svc, .cluster.local, .local, .internal or .home.arpa) and addresses in allowedHosts need none; metadata and link-local addresses are refused always.'),
};

const url = z.url({ protocol: /^https?$/ });

const reached = { ...destination, credential: z.string().min(1).optional().describe('One of `credentials`: sent to the origin of the URL, and never further by redirects. Not set: none.') };

const jsonSchema = z.record(z.string(), z.unknown());

const oauth = z.strictObject({
  url: url.describe('The token endpoint.'),
  ...destination,
  clientId: z.string().min(1).describe('The client; the secret is its password.'),
  scope: z.string().min(1).optional().describe('What is asked for, parted by blanks.'),
});

export const bundleCredential = z.strictObject({
  name: z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/).describe('Tools name it by this; the secret is in the file `<name>/secret` below SLUICE_TOOL_CREDENTIALS_DIR.'),
  header: z.strictObject({ name: z.string().regex(/^[A-Za-z0-9-]{1,64}$/).describe('The header that holds the secret as it is.') }).optional().describe('The secret goes into a header of its own. With neither header nor oauth it is sent as bearer token.'),
  oauth: oauth.optional().describe('The secret is exchanged for access tokens (OAuth 2.0 client credentials), and those are sent as bearer tokens.'),
});

const before = z.strictObject({
  tool: z.string().min(1).describe('A tool of the agent with effect Read.'),
  arguments: z.string().min(1).optional().describe('JMESPath over the arguments of the write; not set: those arguments as they are.'),
});

const approval = z.strictObject({
  when: z.enum(['Always', 'Matching']).describe('Always: every call. Matching: calls whose arguments fit `arguments`.'),
  arguments: jsonSchema.optional().describe('JSON schema of the arguments that need it; for Matching.'),
  timeoutMs: z.int().min(1).describe('How long a person may take, in milliseconds; then the request for approval is void.'),
  before: before.optional().describe('Reads what is there before, so that whoever approves sees what would change.'),
});

const write = z.strictObject({
  roles: z.array(z.string().min(1)).min(1).optional().describe('Roles of which a caller needs one; not set: everybody who may use the agent.'),
  approval: approval.optional().describe('Calls that a person must allow: they are not made before somebody with the role "approver" said yes (POST /v1/approvals/{id}/decision). Not set: none.'),
});

const http = z.strictObject({
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).describe('The HTTP method.'),
  url: url.describe('The endpoint; {name} is replaced by the argument of that name, other arguments go to the query (GET, DELETE) or to the JSON body.'),
  ...reached,
});

const mcp = z.strictObject({
  url: url.describe('The endpoint of the server (Streamable HTTP). Both revisions of the protocol are spoken, 2026-07-28 and the one with a handshake.'),
  ...reached,
  tool: z.string().min(1).optional().describe("The tool's name at the server; not set: its name here."),
  schema: z
    .enum(['Given', 'Server'])
    .optional()
    .describe('Given: `parameters` are those of the tool. Server: they are what the server lists (tools/list), looked at again every five minutes; the tool is offered while the server lists it. The description stays that of the tool. Default Given.'),
});

const openapi = z.strictObject({
  document: z.string().min(1).describe('The name of one of `openapi`.'),
  operationId: z.string().min(1).describe('The operation, as the document names it.'),
});

const knowledge = z.strictObject({
  source: z.string().min(1).describe('The name of one of `knowledge`.'),
  maxPassages: z.int().min(1).max(20).describe('Passages that one search gives.'),
  mustCite: z.boolean().optional().describe('Whether an answer must cite a passage that was found, by its mark. An answer that does not is asked for once more, and then withheld. Default false.'),
});

const select = z.strictObject({
  arguments: z.string().min(1).optional().describe('Makes what is sent out of the arguments of the model. It must give an object.'),
  result: z.string().min(1).optional().describe('Makes what the model sees out of a JSON result.'),
});

/** What the model may call: exactly one of http, mcp, openapi, knowledge and transform. */
export const bundleTool = z.strictObject({
  name: z
    .string()
    .regex(/^[a-zA-Z0-9_-]{1,64}$/, 'may hold letters, digits, "_" and "-" only, 64 at most')
    .describe('Name of the tool as the model sees it.'),
  description: z.string().min(1).describe('What the tool does; the model chooses by it.'),
  parameters: jsonSchema.optional().describe('JSON schema of the arguments; not set: those of the operation, or none.'),
  http: http.optional().describe('The tool is one HTTP request.'),
  mcp: mcp.optional().describe('The tool is one of a server of the Model Context Protocol.'),
  openapi: openapi.optional().describe('The tool is one operation of an OpenAPI document; its parameters come from there when they are not set.'),
  knowledge: knowledge.optional().describe('The tool searches documents; its parameters are given.'),
  transform: z
    .strictObject({ expression: z.string().min(1).describe('JMESPath over the arguments, for example "sum(items[].price)".') })
    .optional()
    .describe('The tool computes from its arguments and reaches nothing.'),
  timeoutMs: z.int().min(10).max(600_000).describe('Longest time for one call, in milliseconds.'),
  effect: z.enum(['Read', 'Write']).describe('Whether a call changes something. A write is made once unless it is declared idempotent.'),
  maxResultBytes: z.int().min(256).max(1_048_576).optional().describe('Bytes of a result that the model gets to see at most. Default 65536.'),
  maxConcurrentCalls: z.int().min(1).optional().describe('Calls that one process makes at a time; more wait within their timeout. Default 64.'),
  idempotent: z.boolean().optional().describe('Whether a call that is made twice does no more than a call that is made once. Only then it is repeated. Default false.'),
  retries: z.int().min(1).max(5).optional().describe('How often a call that failed for a passing reason is made again, within its timeout. Not set: never.'),
  select: select.optional().describe('JMESPath expressions, for example "items[].{id: id, name: title}".'),
  write: write.optional().describe('Who may write with this tool, and what a person must approve.'),
});

/** A document whose operations tools may be. */
export const bundleOpenapi = z.strictObject({
  name: z.string().min(1).describe('Tools name it by this.'),
  document: z.string().min(1).describe('OpenAPI 3.0 or 3.1 as JSON or YAML: the text itself, neither a path nor a URL.'),
  url: url.describe('The server of the operations; it stands in for the servers of the document.'),
  ...reached,
});

const knowledgeDocument = z.strictObject({
  id: z.string().min(1).describe('Names the document in citations.'),
  title: z.string().min(1).optional().describe('What people call it.'),
  url: z.string().min(1).optional().describe('Where people read it.'),
  text: z.string().min(1).describe('The text, plain or Markdown.'),
});

/** A collection of documents that tools may search. */
export const bundleKnowledge = z.strictObject({
  name: z.string().min(1).describe('Tools name it by this.'),
  documents: z.array(knowledgeDocument).min(1).optional().describe('The documents themselves. Exactly one of documents and directory is needed.'),
  directory: z.string().min(1).optional().describe('A folder of .md and .txt files, read at start as they are.'),
  index: z.enum(['Embedded', 'Store']).optional().describe('Where the full text is. Embedded: in the memory of each process. Store: in the database of the agent where that is Postgres, once for all. Default Embedded.'),
});

export type BundleTool = z.infer<typeof bundleTool>;
export type BundleKnowledge = z.infer<typeof bundleKnowledge>;
export type BundleCredential = z.infer<typeof bundleCredential>;
export type BundleOpenapi = z.infer<typeof bundleOpenapi>;
