import type { BundleTool } from '@sluice/crds';
import { isJsonObject } from '../platform/json-object.ts';
import type { ToolArguments } from './arguments.ts';
import { compileExpression, ExpressionError, type Expression } from './jmespath.ts';

/** A value, or a sentence for the model that says why there is none. */
export type Selected<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

/** What a tool makes of arguments before they are sent, and of results before the model sees them. */
export interface Selection {
  readonly arguments: (values: ToolArguments) => Selected<ToolArguments>;
  /** Undefined when results are left as they are. */
  readonly result: ((text: string) => Selected<string>) | undefined;
}

function evaluated(expression: Expression, data: unknown): Selected<unknown> {
  try {
    return { ok: true, value: expression(data) };
  } catch (error) {
    if (error instanceof ExpressionError) return { ok: false, reason: error.message };
    throw error;
  }
}

function selectArguments(expression: Expression, values: ToolArguments): Selected<ToolArguments> {
  const made = evaluated(expression, values);
  if (!made.ok) return { ok: false, reason: `the arguments do not fit the expression of the tool: ${made.reason}` };
  return isJsonObject(made.value) ? { ok: true, value: made.value } : { ok: false, reason: 'the expression of the tool made no object of the arguments' };
}

function selectResult(expression: Expression, text: string): Selected<string> {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return { ok: false, reason: 'the result is no JSON, which select.result needs' };
  }
  const made = evaluated(expression, data);
  return made.ok ? { ok: true, value: JSON.stringify(made.value ?? null) } : { ok: false, reason: 'the result does not fit the expression of the tool' };
}

/** Throws ExpressionError. */
export function compileSelection({ select }: Pick<BundleTool, 'select'>): Selection {
  const forArguments = select?.arguments === undefined ? undefined : compileExpression(select.arguments);
  const forResult = select?.result === undefined ? undefined : compileExpression(select.result);
  return {
    arguments: forArguments === undefined ? (value) => ({ ok: true, value }) : (values) => selectArguments(forArguments, values),
    result: forResult && ((text) => selectResult(forResult, text)),
  };
}
