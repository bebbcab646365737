import { createHttpTransport } from '../../../runtime/src/egress/transport.ts';
import { systemClock } from '../../../runtime/src/platform/clock-system.ts';
import { createMcpConnection } from '../../../runtime/src/tools/mcp/mcp-connection.ts';

/**
 * The agent's client of MCP for the conformance harness, which runs it with the URL of a server: lists the tools that it finds there and calls each
 * with arguments that its schema asks for, as an agent would whose bundle names them.
 */
const url = process.argv.at(-1) ?? '';
const limit = AbortSignal.timeout(20_000);

interface Asked {
  readonly toolCalls?: readonly { readonly name: string; readonly arguments: Record<string, unknown> }[];
}

/** What a scenario wants to be called, where it matters. */
const asked = JSON.parse(process.env['MCP_CONFORMANCE_CONTEXT'] ?? '{}') as Asked;

interface Schema {
  readonly properties?: Readonly<Record<string, { readonly type?: string; readonly enum?: readonly unknown[] }>>;
}

function valueOf({ type, enum: values }: { readonly type?: string; readonly enum?: readonly unknown[] }): unknown {
  if (values !== undefined) return values[0];
  if (type === 'number' || type === 'integer') return 2;
  if (type === 'boolean') return true;
  return type === 'array' ? [] : type === 'object' ? {} : 'text';
}

function argumentsFor(schema: Schema): Record<string, unknown> {
  return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, property]) => [name, valueOf(property)]));
}

const transport = createHttpTransport();
const connection = createMcpConnection({ url, allowedHosts: [new URL(url).hostname], allowedNetworks: ['127.0.0.0/8', '::1/128'] }, { http: transport, clock: systemClock });
try {
  const client = await connection.client(limit);
  const { tools } = await client.listTools({}, { signal: limit });
  const own = tools.map(({ name, inputSchema }) => ({ name, arguments: argumentsFor(inputSchema as Schema) }));
  for (const { name, arguments: given } of asked.toolCalls ?? own) {
    // A tool may fail; what counts is what was sent for it.
    await client.callTool({ name, arguments: given }, { signal: limit }).catch((error: unknown) => process.stderr.write(`${name}: ${String(error)}\n`));
  }
} finally {
  await connection.close();
  await transport.close();
}
