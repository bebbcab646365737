import { type AgentQuestion, hasArguments, type TranscriptToolCall } from '@sluice/evals';
import { failed, type ToolResult } from '../tools/tool-result.ts';
import type { Toolbox, ToolCall } from '../tools/toolbox.ts';

/** A toolbox for one question: it keeps what was called, and stubs answer in the place of tools. */
export interface StubbedToolbox {
  readonly toolbox: Toolbox;
  /** The calls so far, in the order in which they began: of reads that are made side by side the quicker one is not the first. One that has not ended has failed. */
  readonly calls: readonly TranscriptToolCall[];
}

/** `real` answers what no stub fits, unless the case is Stubbed: then it says only what a person must approve. A stub answers as though that had been done. */
export function createStubbedToolbox(real: Toolbox, { toolStubs, tools }: Pick<AgentQuestion, 'toolStubs' | 'tools'>): StubbedToolbox {
  const calls: { -readonly [Part in keyof TranscriptToolCall]: TranscriptToolCall[Part] }[] = [];
  const answer = async (call: ToolCall, signal: AbortSignal): Promise<ToolResult> => {
    const stub = toolStubs.find((each) => each.name === call.name && hasArguments(call.argumentsJson, each.arguments));
    if (stub !== undefined) return stub.result === undefined ? failed('error', stub.error ?? 'the stub has no result') : { kind: 'ok', content: stub.result };
    return tools === 'Stubbed' ? (real.heldBack?.(call) ?? failed('refused', 'this call is not available')) : await real.call(call, signal);
  };
  const call: Toolbox['call'] = async (toolCall, signal) => {
    const begun: (typeof calls)[number] = { name: toolCall.name, argumentsJson: toolCall.argumentsJson, outcome: 'failed' };
    calls.push(begun);
    const result = await answer(toolCall, signal);
    if (result.kind !== 'failed') begun.outcome = 'ok';
    return result;
  };
  return { toolbox: { ...real, call }, calls };
}
