import type { CalledTool, ToolExpectation } from '@sluice/crds';
import type { Transcript, TranscriptToolCall } from '../transcript.ts';
import { hasArguments } from './arguments-subset.ts';
import { fail, named, pass, type Finding } from './finding.ts';

/** Which tools were called, with which arguments, and which were not. */
export function gradeTools({ called = [], notCalled = [] }: ToolExpectation, { toolCalls }: Pick<Transcript, 'toolCalls'>): Finding {
  const forbidden = notCalled.find((name) => toolCalls.some((call) => call.name === name));
  if (forbidden !== undefined) return fail(`called the tool ${named(forbidden)}, which it must not`);
  const missing = called.find((wanted) => !toolCalls.some((call) => isCall(wanted, call)));
  if (missing === undefined) return pass;
  const sameName = toolCalls.filter(({ name }) => name === missing.name).length;
  return fail(sameName === 0 ? `did not call the tool ${named(missing.name)}` : `called the tool ${named(missing.name)} with other arguments than asked for (${sameName} ${sameName === 1 ? 'call' : 'calls'})`);
}

function isCall(wanted: CalledTool, call: TranscriptToolCall): boolean {
  return call.name === wanted.name && hasArguments(call.argumentsJson, wanted.arguments);
}
