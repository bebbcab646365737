import type { BundleTool } from '@sluice/crds';
import { refusalIn } from '../egress/egress-refused.ts';
import type { HttpRequest, HttpTransport } from '../egress/transport.ts';
import type { Clock } from '../platform/clock.ts';
import { withDeadline } from '../platform/deadline.ts';
import { compileArguments, type CheckArguments } from './arguments.ts';
import { prepareRequest, sendRequest, type HttpToolContext } from './http-tool.ts';
import { failed, type ToolResult } from './tool-result.ts';
import { parseUrlTemplate, type UrlTemplate } from './url-template.ts';

export interface ToolCall {
  readonly name: string;
  /** The arguments as the model wrote them: not checked yet. */
  readonly argumentsJson: string;
  readonly requestId: string;
  /** Names this call within its request. */
  readonly ref: string;
}

export interface ToolDescription {
  readonly name: string;
  readonly description: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** What a tool that the agent does not have is called in metrics, so that labels stay few. */
export const unknownTool = 'unknown';

/** Told of each call that ended; `tool` is {@link unknownTool} for a name that the agent does not have. */
export type ObserveToolCall = (call: { readonly tool: string; readonly outcome: 'success' | 'cancelled' | 'error' | 'timeout' | 'refused'; readonly milliseconds: number }) => void;

export interface Toolbox {
  readonly descriptions: readonly ToolDescription[];
  /** Unknown tools count as writes: nothing is assumed of them. */
  readonly effectOf: (name: string) => BundleTool['effect'];
  /** Never throws for what a tool or a model does wrong; throws the signal's reason when it aborts. */
  readonly call: (call: ToolCall, signal: AbortSignal) => Promise<ToolResult>;
}

export interface ToolboxOptions {
  readonly tools: readonly BundleTool[];
  readonly clock: Clock;
  readonly transport: HttpTransport;
  readonly observe: ObserveToolCall;
  /** `dry-run`: writes are checked and not sent, as an evaluation must change nothing. */
  readonly writes: 'live' | 'dry-run';
}

class ToolTimeout extends Error {
  override readonly name = 'ToolTimeout';
}

interface LoadedTool {
  readonly tool: BundleTool;
  readonly template: UrlTemplate;
  readonly check: CheckArguments;
}

function loadTool(tool: BundleTool): LoadedTool {
  return { tool, template: parseUrlTemplate(tool.http.url), check: compileArguments(tool.parameters) };
}

function headersFor(tool: BundleTool, call: ToolCall): Record<string, string> {
  const headers = { accept: 'application/json, text/*;q=0.9', 'accept-encoding': 'identity', 'user-agent': 'sluice-runtime', 'x-request-id': call.requestId };
  return tool.effect === 'Write' ? { ...headers, 'idempotency-key': `${call.requestId}:${call.ref}` } : headers;
}

/** The code of a network error such as ECONNREFUSED; its message would name addresses of the cluster to the model. */
function networkReason(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return code === undefined ? 'the request failed' : `the request failed: ${code}`;
}

async function send(options: ToolboxOptions, context: HttpToolContext, request: HttpRequest, signal: AbortSignal): Promise<ToolResult> {
  const { timeoutMs } = context.tool;
  const expired = (): Error => new ToolTimeout(`no answer within ${timeoutMs} ms`);
  try {
    return await withDeadline(options.clock, { milliseconds: timeoutMs, signal, expired }, (limited) => sendRequest(context, request, limited));
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ToolTimeout) return failed('timeout', error.message);
    const refused = refusalIn(error);
    return refused === undefined ? failed('error', networkReason(error)) : failed('refused', refused.message);
  }
}

async function callTool(options: ToolboxOptions, loaded: LoadedTool, call: ToolCall, signal: AbortSignal): Promise<ToolResult> {
  const values = loaded.check(call.argumentsJson);
  if (!values.ok) return failed('refused', values.reason);
  const { tool, template } = loaded;
  const context = { tool, template, transport: options.transport, headers: headersFor(tool, call) };
  const prepared = prepareRequest(context, values.value);
  if (!prepared.ok) return prepared.result;
  if (tool.effect === 'Write' && options.writes === 'dry-run') return { kind: 'ok', content: 'Dry run: the call is valid and was not sent.' };
  return await send(options, context, prepared.request, signal);
}

/** The tools of one agent. Throws ToolSchemaError for a schema that does not compile. */
export function createToolbox(options: ToolboxOptions): Toolbox {
  const tools = new Map(options.tools.map((tool) => [tool.name, loadTool(tool)]));
  const call: Toolbox['call'] = async (toolCall, signal) => {
    const started = options.clock.now();
    const loaded = tools.get(toolCall.name);
    const observe = (outcome: Parameters<ObserveToolCall>[0]['outcome']): void =>
      options.observe({ tool: loaded?.tool.name ?? unknownTool, outcome, milliseconds: options.clock.now() - started });
    try {
      const result = loaded === undefined ? failed('refused', 'there is no tool of that name') : await callTool(options, loaded, toolCall, signal);
      observe(result.kind === 'ok' ? 'success' : result.failure);
      return result;
    } catch (error) {
      observe('cancelled');
      throw error;
    }
  };
  return {
    descriptions: options.tools.map(({ name, description, parameters }) => ({ name, description, parameters })),
    effectOf: (name) => tools.get(name)?.tool.effect ?? 'Write',
    call,
  };
}
