import type { PendingApproval } from '../approvals/approval.ts';
import type { Caller } from '../approvals/caller.ts';
import type { ModelToolCall, ModelToolResult } from '../providers/model-client.ts';
import { failed, type ToolResult } from '../tools/tool-result.ts';
import type { Toolbox } from '../tools/toolbox.ts';
import type { AgentListener } from './agent-listener.ts';
import type { Evidence } from './agent-result.ts';
import type { Found } from './citing.ts';
import { untrustedText } from './untrusted-text.ts';

/** Calls that one turn of the model may make; the model is told when it asks for more. */
export const maximumCallsPerTurn = 16;

/** Characters of a tool's name that are shown: the name is the model's and may be anything. */
const shownNameCharacters = 64;

export interface ToolTurnRequest {
  readonly requestId: string;
  /** For whom; not set: nobody in particular. */
  readonly principal?: Caller | undefined;
  readonly traceId?: string | undefined;
  /** The request that writes are made under, where an earlier try of this one may have made some; not set: its own. */
  readonly writesAs?: string | undefined;
  readonly calls: readonly ModelToolCall[];
  /** The number of the first call within the request, from 1. */
  readonly firstNumber: number;
}

export interface ToolTurn {
  readonly results: readonly ModelToolResult[];
  readonly evidence: readonly Evidence[];
  readonly found: Found;
  readonly approvals: readonly PendingApproval[];
}

interface Context {
  readonly toolbox: Toolbox;
  readonly request: ToolTurnRequest;
  readonly signal: AbortSignal;
  readonly listener: AgentListener;
}

interface NumberedCall {
  readonly call: ModelToolCall;
  readonly ref: string;
  readonly place: number;
}

interface Called extends NumberedCall {
  readonly result: ToolResult;
}

async function callOne(context: Context, numbered: NumberedCall): Promise<Called> {
  const { call, ref, place } = numbered;
  const tool = call.name.slice(0, shownNameCharacters);
  // What was ended meanwhile begins no call: a write would be on the record as one that may have been made.
  context.signal.throwIfAborted();
  context.listener.onToolCall?.({ tool, ref });
  const result =
    place < maximumCallsPerTurn
      ? await context.toolbox.call({ name: call.name, argumentsJson: call.argumentsJson, requestId: context.request.requestId, ref, caller: context.request.principal, traceId: context.request.traceId, writesAs: context.request.writesAs }, context.signal)
      : failed('refused', `more than ${maximumCallsPerTurn} calls in one turn`);
  context.listener.onToolResult?.(result.kind !== 'failed' ? { tool, ref, ok: true } : { tool, ref, ok: false, reason: result.reason });
  return { ...numbered, result };
}

/** Reads may run side by side; as soon as one call writes, the order that the model chose is kept. */
async function callAll(context: Context, calls: readonly NumberedCall[]): Promise<readonly Called[]> {
  if (calls.every(({ call }) => context.toolbox.effectOf(call.name) === 'Read')) return await Promise.all(calls.map((call) => callOne(context, call)));
  const called: Called[] = [];
  for (const call of calls) called.push(await callOne(context, call));
  return called;
}

function resultForModel({ call, result }: Called): ModelToolResult {
  const tool = call.name.replaceAll(/[^\w-]/g, '').slice(0, shownNameCharacters);
  if (result.kind === 'ok') return { callId: call.id, content: untrustedText(tool, result.content), outcome: 'ok' };
  if (result.kind === 'pending') return { callId: call.id, content: result.reason, outcome: 'ok' };
  return { callId: call.id, content: result.details === undefined ? result.reason : `${result.reason}\n${untrustedText(tool, result.details)}`, outcome: 'failed' };
}

function foundIn(toolbox: Toolbox, called: readonly Called[]): Found {
  const searches = called.flatMap(({ call, result }) => (result.kind === 'ok' && result.passages !== undefined ? [{ tool: call.name, passages: result.passages }] : []));
  const required = searches.filter(({ tool }) => toolbox.mustCite?.(tool) === true);
  return { passages: searches.flatMap(({ passages }) => passages), mustCite: required.flatMap(({ passages }) => passages) };
}

/** Makes the calls of one turn. Every call gets a result, in the order of the calls. */
export async function runToolCalls(toolbox: Toolbox, request: ToolTurnRequest, options: { readonly signal: AbortSignal; readonly listener: AgentListener }): Promise<ToolTurn> {
  const context = { toolbox, request, signal: options.signal, listener: options.listener };
  const calls = request.calls.map((call, place) => ({ call, place, ref: `tool-${request.firstNumber + place}` }));
  const called = await callAll(context, calls);
  const evidence = called.filter(({ result }) => result.kind === 'ok').map(({ call, ref }) => ({ type: 'tool' as const, tool: call.name, ref }));
  const approvals = called.flatMap(({ result }) => (result.kind === 'pending' ? [result.approval] : []));
  return { results: called.map(resultForModel), evidence, found: foundIn(toolbox, called), approvals };
}
