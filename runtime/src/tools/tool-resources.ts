import type { AgentBundle, BundleKnowledge, BundleTool } from '@sluice/crds';
import type { HttpTransport } from '../egress/transport.ts';
import { openEmbeddedIndex } from '../knowledge/embedded-index.ts';
import type { KnowledgeIndex } from '../knowledge/knowledge-index.ts';
import { openStoredIndex } from '../knowledge/stored-index.ts';
import type { SqlDatabase } from '../store/sql/sql-database.ts';
import { createSearchRunner } from '../knowledge/search-tool.ts';
import { IncompleteTool } from './incomplete-tool.ts';
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
  readonly operation: (named: NonNullable<BundleTool['openapi']>, parameters: Parameters | undefined) => Operation;
  readonly searchRunner: (knowledge: NonNullable<BundleTool['knowledge']>) => ToolRunner;
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
  close: async () => {},
};

function sharedConnections(transport: HttpTransport): { readonly of: (target: McpTarget) => McpConnection; readonly close: () => Promise<void> } {
  const connections = new Map<string, McpConnection>();
  const of = ({ url, allowedHosts, allowedNetworks }: McpTarget): McpConnection => {
    const key = JSON.stringify([url, allowedHosts, allowedNetworks]);
    const connection = connections.get(key) ?? createMcpConnection({ url, allowedHosts, allowedNetworks }, transport);
    connections.set(key, connection);
    return connection;
  };
  const close = async (): Promise<void> => {
    await Promise.all([...connections.values()].map((connection) => connection.close()));
  };
  return { of, close };
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
  /** Not set: collections are indexed in memory, whatever they say. */
  readonly database?: SqlDatabase | undefined;
}

/** Reads documents and indexes what is to be searched; servers are connected when they are first called. Throws OpenapiError, KnowledgeError or StoreError. */
export async function openToolResources(bundle: Pick<AgentBundle, 'knowledge' | 'openapi'>, { transport, database }: ResourceParts): Promise<ToolResources> {
  const documents = new Map((bundle.openapi ?? []).map((each) => [each.name, { ...each, parsed: parseOpenapi(each.document) }]));
  const indexes = await openIndexes(bundle, database);
  const connections = sharedConnections(transport);
  return {
    mcpRunner: ({ target, parameters }) => createMcpRunner({ connection: connections.of(target), name: target.tool, parameters }),
    operation: ({ document, operationId }, parameters) => {
      const found = documents.get(document) ?? missing(`OpenAPI document ${document}`);
      const operation = readOperation(found.parsed, operationId, found);
      return parameters === undefined ? operation : { ...operation, parameters };
    },
    searchRunner: ({ source, maxPassages }) => createSearchRunner({ index: indexes.get(source) ?? missing(`knowledge ${source}`), maxPassages }),
    close: async () => {
      for (const index of indexes.values()) index.close();
      await connections.close();
    },
  };
}
