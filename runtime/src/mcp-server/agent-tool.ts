import { McpServer, type CallToolResult, type ServerContext } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { AgentBundle, BundleInterfaces } from '@sluice/crds';
import { policyVersion } from '../agent/create-agent.ts';
import type { Question } from '../agent-card/question.ts';
import { invokeRequest, invokeResponse, type InvokeResponse } from '../server/contract.ts';
import type { InvocationListener } from '../server/invocation.ts';
import { problemBody, problemOf } from '../server/problem.ts';
import { progressListener } from './progress.ts';

const { tenant_id, user_id, workflow, session_id } = invokeRequest.shape;
const question = z.strictObject({ text: invokeRequest.shape.input.shape.text, tenant_id, user_id, workflow, session_id });

/** Asks the agent for the caller of one HTTP request. Throws as the agent's own routes do. */
export type AskForCaller = (question: Question, call: { readonly id: string | number; readonly signal: AbortSignal; readonly listener: InvocationListener }) => Promise<InvokeResponse>;

export type McpInterface = NonNullable<BundleInterfaces['mcp']>;

export interface AgentToolOptions {
  readonly bundle: AgentBundle;
  readonly interfaces: BundleInterfaces;
  readonly mcp: McpInterface;
  readonly revision: string;
  /** How a call is called as a request. */
  readonly requestIdOf: (id: string | number) => string;
  readonly ask: AskForCaller;
}

function metaOf({ bundle, revision }: AgentToolOptions, requestId: string): Record<string, unknown> {
  return { 'sluice.dev/revision': revision, 'sluice.dev/policy-version': policyVersion(bundle, revision), 'sluice.dev/request-id': requestId };
}

function answered(response: InvokeResponse, options: AgentToolOptions): CallToolResult {
  return { content: [{ type: 'text', text: response.answer }], structuredContent: response, isError: response.status === 'error', _meta: metaOf(options, response.request_id) };
}

/** A call that fails is told to the model of the caller, which may try again: an error of the protocol would be kept from it. */
function failed(error: unknown, requestId: string, options: AgentToolOptions): CallToolResult {
  const facts = problemOf(error);
  const retry = facts.retryAfterSeconds === undefined ? '' : ` (again in ${facts.retryAfterSeconds} s)`;
  return {
    content: [{ type: 'text', text: `${facts.title}: ${facts.detail}${retry}` }],
    isError: true,
    _meta: { ...metaOf(options, requestId), 'sluice.dev/problem': problemBody(facts, requestId) },
  };
}

async function call(asked: Question, context: ServerContext, options: AgentToolOptions): Promise<CallToolResult> {
  const { id, signal } = context.mcpReq;
  try {
    return answered(await options.ask(asked, { id, signal, listener: progressListener(context) }), options);
  } catch (error) {
    return failed(error, options.requestIdOf(id), options);
  }
}

/** A server of the protocol with the agent as its one tool, for one HTTP request. */
export function createAgentServer(options: AgentToolOptions): McpServer {
  const { bundle, interfaces: { description }, mcp } = options;
  const server = new McpServer({ name: bundle.agent.name, version: options.revision }, { instructions: description, capabilities: { tools: { listChanged: false } } });
  const annotations = { readOnlyHint: bundle.tools.every(({ effect }) => effect === 'Read'), openWorldHint: true };
  server.registerTool(mcp.tool, { description, inputSchema: question, outputSchema: invokeResponse, annotations }, async (asked, context) => await call(asked, context, options));
  return server;
}
