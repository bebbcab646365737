import type { AgentBundle, BundleKnowledge, BundleTool } from '@sluice/crds';
import type { HttpTransport } from '../egress/transport.ts';
import { openEmbeddedIndex } from '../knowledge/embedded-index.ts';
import type { KnowledgeIndex } from '../knowledge/knowledge-index.ts';
import { openStoredIndex } from '../knowledge/stored-index.ts';
import type { Clock } from '../platform/clock.ts';
import type { SqlDatabase } from '../store/sql/sql-database.ts';
import { createSearchRunner } from '../knowledge/search-tool.ts';
import { IncompleteTool } from './incomplete-tool.ts';
import type { Credential } from './credentials/credential.ts';
import { noCredentials, type Credentials } from './credentials/open-credentials.ts';
import { createListedTools, createSchemaRefusal, type ListedTools, type SchemaRefusal, type ToolChange } from './mcp/listed-tools.ts';
import { createMcpConnection, type McpConnection } from './mcp/mcp-connection.ts';
import { createMcpRunner } from './mcp/mcp-tool.ts';
import { parseOpenapi } from './openapi/openapi-document.ts';
import { readOperation, type Operation } from './openapi/operation.ts';
import type { ToolRunner } from './tool-runner.ts';

type Parameters = ToolRunner['parameters'];
type McpTarget = NonNullable<BundleTool['mcp']> & { readonly tool: string };

/** What tools share: documents, indexes and connections. One for all toolboxes of a process. */
export interface ToolResources {
  readonly mcpRunner: (tool: { readonly target: McpTarget; readonly parameters: Parameters }) => ToolRunner;
  /** The operation, with `parameters` in the place of its own where they are set. Throws OpenapiError. */
  readonly operation: (named: NonNullable<BundleTool['openapi']>, parameters: Parameters | undefined) => Operation & { readonly credential: Credential | undefined };
  readonly searchRunner: (knowledge: NonNullable<BundleTool['knowledge']>) => ToolRunner;
  /** Undefined for a tool without one. Throws IncompleteTool for a name that the bundle does not have. */
  readonly credential: (name: string | undefined) => Credential | undefined;
  /** Asks servers which tools they have, where a tool takes its parameters from there. Throws AggregateError when some cannot be asked. */
  readonly discover: (signal: AbortSignal) => Promise<void>;
  /** Calls back whenever what servers offer has changed. */
  readonly onListed: (listener: () => void) => void;
  readonly close: () => Promise<void>;
}

function missing(what: string): never {
  throw new IncompleteTool(`the bundle holds no ${what}`);
}

/** For agents whose tools share nothing. */
export const noResources: ToolResources = {
  mcpRunner: () => missing('servers'),
  operation: () => missing('OpenAPI documents'),
  searchRunner: () => missing('knowledge'),
  credential: (name) => (name === undefined ? undefined : noCredentials.of(name)),
  discover: async () => {},
  onListed: () => {},
  close: async () => {},
};

interface Server {
  readonly connection: McpConnection;
  readonly listed: ListedTools;
}

interface SharedServers {
  readonly of: (target: McpTarget, credential: Credential | undefined) => Server;
  readonly all: () => readonly Server[];
}

/** Tools that reach one server in one way share a connection and a list. */
function sharedServers(by: { readonly http: HttpTransport; readonly clock: Clock }, onChange: (change: ToolChange) => void): SharedServers {
  const servers = new Map<string, Server>();
  // Not for agents without servers.
  let schemaRefusal: SchemaRefusal | undefined;
  const open = ({ url, allowedHosts, allowedNetworks }: McpTarget, credential: Credential | undefined): Server => {
    const connection = createMcpConnection({ url, allowedHosts, allowedNetworks, credential }, by);
    schemaRefusal ??= createSchemaRefusal();
    return { connection, listed: createListedTools({ connection, clock: by.clock, schemaRefusal, onChange }) };
  };
  const of: SharedServers['of'] = (target, credential) => {
    const key = JSON.stringify([target.url, target.allowedHosts, target.allowedNetworks, target.credential]);
    const server = servers.get(key) ?? open(target, credential);
    servers.set(key, server);
    return server;
  };
  return { of, all: () => [...servers.values()] };
}

async function discoverAll(servers: readonly Server[], signal: AbortSignal): Promise<void> {
  const ended = await Promise.allSettled(servers.map(({ listed }) => listed.refresh(signal)));
  signal.throwIfAborted();
  const failures = ended.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []));
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} of ${servers.length} servers could not be asked for their tools`);
}

/** A collection is in the store when it says so and the store is a server; the embedded one is in memory anyway. */
async function openIndex(knowledge: BundleKnowledge, database: SqlDatabase | undefined): Promise<KnowledgeIndex> {
  return knowledge.index === 'Store' && database?.dialect === 'postgres' ? await openStoredIndex(knowledge, database) : openEmbeddedIndex(knowledge);
}

async function openIndexes({ knowledge = [] }: Pick<AgentBundle, 'knowledge'>, database: SqlDatabase | undefined): Promise<ReadonlyMap<string, KnowledgeIndex>> {
  return new Map(await Promise.all(knowledge.map(async (each) => [each.name, await openIndex(each, database)] as const)));
}

/** What is outside of the bundle. */
export interface ResourceParts {
  readonly transport: HttpTransport;
  readonly clock: Clock;
  /** Not set: collections are indexed in memory, whatever they say. */
  readonly database?: SqlDatabase | undefined;
  /** Not set: the bundle names none. */
  readonly credentials?: Credentials | undefined;
  /** Told what servers change of the tools that the bundle names. */
  readonly onToolChange?: ((change: ToolChange) => void) | undefined;
}

/** Reads documents and indexes what is to be searched; servers are connected when they are first called. Throws OpenapiError, KnowledgeError or StoreError. */
export async function openToolResources(bundle: Pick<AgentBundle, 'knowledge' | 'openapi'>, { transport, clock, database, credentials = noCredentials, onToolChange }: ResourceParts): Promise<ToolResources> {
  const documents = new Map((bundle.openapi ?? []).map((each) => [each.name, { ...each, parsed: parseOpenapi(each.document) }]));
  const indexes = await openIndexes(bundle, database);
  const listeners: (() => void)[] = [];
  const servers = sharedServers({ http: transport, clock }, (change) => {
    onToolChange?.(change);
    for (const listener of listeners) listener();
  });
  const credential: ToolResources['credential'] = (name) => (name === undefined ? undefined : credentials.of(name));
  return {
    mcpRunner: ({ target, parameters }) => {
      const { connection, listed } = servers.of(target, credential(target.credential));
      const options = { connection, name: target.tool, parameters, credential: credential(target.credential) };
      if (target.schema !== 'Server') return createMcpRunner(options);
      listed.want(target.tool);
      return { ...createMcpRunner(options), listed: () => listed.parametersOf(target.tool) };
    },
    operation: ({ document, operationId }, parameters) => {
      const found = documents.get(document) ?? missing(`OpenAPI document ${document}`);
      const operation = { ...readOperation(found.parsed, operationId, found), credential: credential(found.credential) };
      return parameters === undefined ? operation : { ...operation, parameters };
    },
    searchRunner: ({ source, maxPassages }) => createSearchRunner({ index: indexes.get(source) ?? missing(`knowledge ${source}`), maxPassages }),
    credential,
    discover: (signal) => discoverAll(servers.all(), signal),
    onListed: (listener) => void listeners.push(listener),
    close: async () => {
      for (const index of indexes.values()) index.close();
      await Promise.all(servers.all().map(({ connection }) => connection.close()));
    },
  };
}
