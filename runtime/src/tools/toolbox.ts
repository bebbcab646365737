import type { BundleTool } from '@sluice/crds';
import { notDone } from '../approvals/approval.ts';
import { anonymous, type Caller } from '../approvals/caller.ts';
import type { WriteGate } from '../approvals/write-gate.ts';
import type { HttpTransport } from '../egress/transport.ts';
import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import type { ToolArguments } from './arguments.ts';
import { makeCall, prepareCall, type CallNames } from './call-tool.ts';
import { loadTool, type LoadedTool } from './load-tool.ts';
import { noResources, type ToolResources } from './tool-resources.ts';
import { failed, type ToolResult } from './tool-result.ts';
import type { Effect } from './tool-runner.ts';
import { readBefore } from './write-preview.ts';

export interface ToolCall {
  readonly name: string;
  /** The arguments as the model wrote them: not checked yet. */
  readonly argumentsJson: string;
  readonly requestId: string;
  /** Names this call within its request. */
  readonly ref: string;
  /** For whom; not set: nobody in particular, who has no roles. */
  readonly caller?: Caller | undefined;
  readonly traceId?: string | undefined;
  /** The request that writes are made under, where an earlier try of this one may have made some; not set: its own. */
  readonly writesAs?: string | undefined;
  /** Where the call is in its trace, as W3C has it. */
  readonly trace?: Readonly<Record<string, string>> | undefined;
}

export interface ToolDescription {
  readonly name: string;
  readonly description: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** What a tool that the agent does not have is called in metrics, so that labels stay few. */
export const unknownTool = 'unknown';

/** Told of each call that ended; `tool` is {@link unknownTool} for a name that the agent does not have. */
export type ObserveToolCall = (call: { readonly tool: string; readonly outcome: 'success' | 'pending' | 'cancelled' | 'error' | 'timeout' | 'refused'; readonly milliseconds: number }) => void;

export interface Toolbox {
  /** The same list all the time; what is in it follows what servers offer. */
  readonly descriptions: readonly ToolDescription[];
  /** Unknown tools count as writes: nothing is assumed of them. */
  readonly effectOf: (name: string) => Effect;
  /** Never throws for what a tool or a model does wrong; throws the signal's reason when it aborts. */
  readonly call: (call: ToolCall, signal: AbortSignal) => Promise<ToolResult>;
  /** What a call would get instead of its tool because a person must approve it first; undefined where nobody must. */
  readonly heldBack?: (call: ToolCall) => ToolResult | undefined;
  /** Whether an answer must cite what a tool found. */
  readonly mustCite?: (name: string) => boolean;
  /** The tool that reads what a write would change, whose results go to the caller with the write when it waits. */
  readonly comparedWith?: (name: string) => string | undefined;
}

export interface ToolboxOptions {
  readonly tools: readonly BundleTool[];
  readonly clock: Clock;
  readonly transport: HttpTransport;
  readonly observe: ObserveToolCall;
  /** `dry-run`: writes are checked and not sent, as an evaluation must change nothing. */
  readonly writes: 'live' | 'dry-run';
  /** Spreads repetitions; not set: they are made at half of the spread. */
  readonly random?: Pick<Random, 'fraction'>;
  /** Documents and servers of the tools; not set: none. */
  readonly resources?: ToolResources;
  /** `<agent>@<revision>`, for the records of tools; not set: they are not told. */
  readonly policyVersion?: string | undefined;
  /** What writes go through; not set: tools with rules for writes are refused, others are just sent. */
  readonly writeGate?: WriteGate | undefined;
}

const middle = { fraction: () => 0.5 };

interface Running {
  readonly options: ToolboxOptions;
  readonly loaded: LoadedTool;
  readonly call: ToolCall & Pick<CallNames, 'policyVersion'>;
  readonly signal: AbortSignal;
}

/** As where writes are live, and on no record: an agent that takes for done what waits for a person would never be found out otherwise. */
function waiting({ tool, needsApproval }: LoadedTool, values: ToolArguments): ToolResult | undefined {
  if (needsApproval(values) === 'free') return undefined;
  return { kind: 'pending', reason: notDone, approval: { id: 'dry-run', tool: tool.name, diff: [], expiresAt: 0 } };
}

async function makeWrite({ options, loaded, call, signal }: Running, tools: ReadonlyMap<string, LoadedTool>, values: ToolArguments, send: () => Promise<ToolResult>): Promise<ToolResult> {
  const { tool, needsApproval } = loaded;
  if (options.writes === 'dry-run') return waiting(loaded, values) ?? { kind: 'ok', content: 'Dry run: the call is valid and was not sent.' };
  if (options.writeGate === undefined) return tool.write === undefined ? await send() : failed('refused', 'this write needs rules that are not set up here');
  const { requestId, writesAs, ref, traceId, caller = anonymous } = call;
  const before = (): Promise<unknown> => readBefore({ random: middle, ...options, tool, tools, call, values }, signal);
  return await options.writeGate({ tool, caller, requestId, writesAs, ref, traceId, values, needsApproval, readBefore: before, send });
}

async function callTool(running: Running, tools: ReadonlyMap<string, LoadedTool>): Promise<ToolResult> {
  const { options, loaded, call, signal } = running;
  const values = loaded.check(call.argumentsJson);
  if (!values.ok) return failed('refused', values.reason);
  const prepared = prepareCall(loaded, values.value, call);
  if (!prepared.ok) return failed('refused', prepared.reason);
  const send = (): Promise<ToolResult> => makeCall({ random: middle, ...options }, loaded, prepared.run, signal);
  return loaded.tool.effect === 'Read' ? await send() : await makeWrite(running, tools, values.value, send);
}

function outcomeOf(result: ToolResult): Parameters<ObserveToolCall>[0]['outcome'] {
  if (result.kind === 'failed') return result.failure;
  return result.kind === 'ok' ? 'success' : 'pending';
}

/** The tools of one agent. Throws ToolSchemaError, ExpressionError or OpenapiError for a tool that cannot be loaded. */
export function createToolbox(options: ToolboxOptions): Toolbox {
  const tools = new Map(options.tools.map((tool) => [tool.name, loadTool(tool, options.transport, options.resources ?? noResources)]));
  const call: Toolbox['call'] = async (toolCall, signal) => {
    const started = options.clock.now();
    const loaded = tools.get(toolCall.name);
    const observe = (outcome: Parameters<ObserveToolCall>[0]['outcome']): void =>
      options.observe({ tool: loaded?.tool.name ?? unknownTool, outcome, milliseconds: options.clock.now() - started });
    try {
      const result = loaded === undefined ? failed('refused', 'there is no tool of that name') : await callTool({ options, loaded, call: { ...toolCall, policyVersion: options.policyVersion }, signal }, tools);
      observe(outcomeOf(result));
      return result;
    } catch (error) {
      if (signal.aborted) {
        observe('cancelled');
        throw error;
      }
      observe('error');
      throw error;
    }
  };
  const descriptions: ToolDescription[] = [];
  const describeAll = (): void => {
    const offered = [...tools.values()].flatMap(({ tool: { name, description }, parameters }) => {
      const now = parameters();
      return now === undefined ? [] : [{ name, description, parameters: now }];
    });
    descriptions.splice(0, descriptions.length, ...offered);
  };
  describeAll();
  options.resources?.onListed(describeAll);
  return {
    descriptions,
    effectOf: (name) => tools.get(name)?.tool.effect ?? 'Write',
    call,
    heldBack: ({ name, argumentsJson }) => {
      const loaded = tools.get(name);
      const values = loaded?.tool.effect === 'Write' ? loaded.check(argumentsJson) : undefined;
      return loaded !== undefined && values?.ok === true ? waiting(loaded, values.value) : undefined;
    },
    comparedWith: (name) => tools.get(name)?.tool.write?.approval?.before?.tool,
    mustCite: (name) => tools.get(name)?.tool.knowledge?.mustCite === true,
  };
}
