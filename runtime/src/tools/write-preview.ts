import type { BundleTool } from '@sluice/crds';
import type { ToolArguments } from './arguments.ts';
import { makeCall, prepareCall, type CallNames, type CallOptions } from './call-tool.ts';
import { compileExpression, ExpressionError } from './jmespath.ts';
import { isJsonObject } from '../platform/json-object.ts';
import type { LoadedTool } from './load-tool.ts';
import { isNestedDeeper } from './nesting.ts';

export interface PreviewOptions extends CallOptions {
  /** The write. */
  readonly tool: BundleTool;
  readonly tools: ReadonlyMap<string, LoadedTool>;
  readonly call: CallNames;
  readonly values: ToolArguments;
}

/** Undefined for arguments that the expression does not fit: the model wrote them. */
function selected(expression: string, values: ToolArguments): unknown {
  try {
    return compileExpression(expression)(values);
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}

/** What the tool that `write.approval.before` names reads; undefined when there is none or it gives nothing that can be compared. */
export async function readBefore(options: PreviewOptions, signal: AbortSignal): Promise<unknown> {
  const before = options.tool.write?.approval?.before;
  const loaded = before === undefined ? undefined : options.tools.get(before.tool);
  if (before === undefined || loaded === undefined) return undefined;
  const values = before.arguments === undefined ? options.values : selected(before.arguments, options.values);
  if (!isJsonObject(values)) return undefined;
  const checked = loaded.check(JSON.stringify(values));
  const prepared = checked.ok ? prepareCall(loaded, checked.value, options.call) : checked;
  if (!prepared.ok) return undefined;
  const result = await makeCall(options, loaded, prepared.run, signal);
  return result.kind === 'ok' ? parsed(result.content) : undefined;
}

/** What another server said is compared member by member, so it must not be too deep for that. */
function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return isNestedDeeper(value) ? undefined : value;
  } catch {
    return undefined;
  }
}
