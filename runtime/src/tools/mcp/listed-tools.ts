import { isDeepStrictEqual } from 'node:util';
import type { Tool } from '@modelcontextprotocol/client';
import { withDeadline } from '@sluice/evals/deadline';
import { createInjectionDetector } from '../../guardrails/prompt-injection.ts';
import type { Clock } from '../../platform/clock.ts';
import { compileArguments } from '../arguments.ts';
import { deepestNesting, isNestedDeeper } from '../nesting.ts';
import { ToolSchemaError } from '../tool-schema-error.ts';
import type { McpConnection } from './mcp-connection.ts';

type Parameters = Readonly<Record<string, unknown>>;

/** What a server changed of the tools that the agent is allowed to call. */
export interface ToolChange {
  /** As the server names it. */
  readonly tool: string;
  readonly change: 'listed' | 'changed' | 'gone' | 'refused';
  /** Why it is refused; quotes nothing of the server. */
  readonly reason?: string;
}

/** The tools of one server that the bundle names, with the parameters that the server lists. What else it lists is never offered. */
export interface ListedTools {
  /** Undefined: not listed yet, not any more, or not usable. The same object until it changes. */
  readonly parametersOf: (name: string) => Parameters | undefined;
  /** From now on this tool is looked for. */
  readonly want: (name: string) => void;
  /** Lists anew. Throws what the connection throws; then the last list stays. */
  readonly refresh: (signal: AbortSignal) => Promise<void>;
}

/** UTF-16 units of one schema: it is sent with every request. */
const longestSchema = 32_768;
/** For all pages of a list: other servers are asked anew when the last one is done. */
export const listMilliseconds = 30_000;

/** All texts of a schema, which a model reads as it reads the prompt. */
function textsOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'object' && value !== null ? Object.entries(value).map(([name, member]) => `${name}: ${textsOf(member)}`).join('\n') : '';
}

/** Why the schema of a server is not used; undefined when it is. */
export type SchemaRefusal = (parameters: Parameters) => string | undefined;

function refusalOf(parameters: Parameters, isInjection: (text: string) => boolean): string | undefined {
  if (parameters['type'] !== 'object') return 'its parameters are no JSON schema of an object';
  if (isNestedDeeper(parameters)) return `its parameters are nested more than ${deepestNesting} levels deep`;
  if (JSON.stringify(parameters).length > longestSchema) return `its parameters have more than ${longestSchema} characters`;
  if (isInjection(textsOf(parameters))) return 'its parameters give orders to the model';
  try {
    compileArguments(parameters, 'server');
    return undefined;
  } catch (error) {
    if (error instanceof ToolSchemaError) return 'its parameters are no JSON schema that compiles';
    throw error;
  }
}

/** Compiles what it looks for, which takes a while: one is enough for all servers. */
export function createSchemaRefusal(): SchemaRefusal {
  const { isInjection } = createInjectionDetector('Medium');
  return (parameters) => refusalOf(parameters, isInjection);
}

export interface ListedToolsOptions {
  readonly connection: McpConnection;
  readonly clock: Clock;
  readonly schemaRefusal: SchemaRefusal;
  readonly onChange: (change: ToolChange) => void;
}

/** The SDK walks all pages of either revision, 64 at most. */
async function listAll(connection: McpConnection, signal: AbortSignal): Promise<readonly Tool[]> {
  const client = await connection.client(signal);
  try {
    const { tools } = await connection.use(client, async (options) => await client.listTools(undefined, { ...options, timeout: listMilliseconds, cacheMode: 'refresh' }), signal);
    return tools;
  } catch (error) {
    await connection.drop(client);
    throw error;
  }
}

export function createListedTools({ connection, clock, schemaRefusal, onChange }: ListedToolsOptions): ListedTools {
  const wanted = new Set<string>();
  const listed = new Map<string, Parameters>();
  const refused = new Set<string>();
  const take = (name: string, parameters: Parameters): void => {
    const known = listed.get(name);
    if (known !== undefined && isDeepStrictEqual(known, parameters)) return;
    const reason = schemaRefusal(parameters);
    if (reason === undefined) {
      listed.set(name, parameters);
      refused.delete(name);
      onChange({ tool: name, change: known === undefined ? 'listed' : 'changed' });
      return;
    }
    listed.delete(name);
    if (!refused.has(name)) onChange({ tool: name, change: 'refused', reason });
    refused.add(name);
  };
  const takeAll = (tools: readonly Tool[]): void => {
    const found = new Map(tools.map((tool) => [tool.name, tool]));
    for (const name of wanted) {
      const tool = found.get(name);
      if (tool !== undefined) take(name, tool.inputSchema);
      else if (listed.delete(name)) onChange({ tool: name, change: 'gone' });
    }
  };
  return {
    parametersOf: (name) => listed.get(name),
    want: (name) => void wanted.add(name),
    refresh: async (signal) => {
      if (wanted.size === 0) return;
      const expired = (): Error => new Error(`the server did not list its tools within ${listMilliseconds} ms`);
      takeAll(await withDeadline(clock, { milliseconds: listMilliseconds, signal, expired }, async (limited) => await listAll(connection, limited)));
    },
  };
}
