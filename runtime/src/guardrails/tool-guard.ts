import type { ToolRule } from '@sluice/crds';
import { isNestedDeeper } from '../tools/nesting.ts';
import { failed, type ToolResult } from '../tools/tool-result.ts';
import type { Toolbox, ToolCall } from '../tools/toolbox.ts';
import { compileRules, seenThrough, type CompiledRules } from './compiled-rules.ts';
import { judgeText, strikeOf, struckPassages, type Strike } from './judge-text.ts';
import type { ObserveRule } from './rule-effect.ts';
import { struckBefore } from './struck-changes.ts';

interface CallLimit {
  readonly rule: string;
  readonly action: ToolRule['action'];
  readonly maximum: number;
}

/** A compiled rule for calls of some tools. */
export interface CompiledToolRule {
  readonly rule: string;
  readonly isFor: (tool: string) => boolean;
  readonly target: ToolRule['target'];
  readonly argument: string | undefined;
  readonly checks: CompiledRules;
  readonly limit: CallLimit | undefined;
}

/** Throws PatternError. */
export function compileToolRule(rule: ToolRule): CompiledToolRule {
  const { name, action, tools, target, argument, maxCalls } = rule;
  return {
    rule: name,
    isFor: (tool) => tools?.includes(tool) ?? true,
    target,
    argument,
    checks: seenThrough(compileRules([rule])),
    limit: maxCalls === undefined ? undefined : { rule: name, action, maximum: maxCalls },
  };
}

/** Undefined for what the toolbox refuses to read: no JSON, or JSON that nobody could walk. */
function parsed(json: string): unknown {
  try {
    const value = JSON.parse(json) as unknown;
    return isNestedDeeper(value) ? undefined : value;
  } catch {
    return undefined;
  }
}

/** Numbers and lists are judged as their JSON text, strings as they are. */
function asText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

/** All strings of a value with their names, one a line: escapes of JSON must not hide a word. */
function stringsOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return asText(value);
  return Object.entries(value).map(([name, member]) => `${name}: ${stringsOf(member)}`).join('\n');
}

/** What a rule judges of a call; undefined: the call does not have that argument. */
function judgedText({ argument }: CompiledToolRule, call: ToolCall): string | undefined {
  const value = parsed(call.argumentsJson);
  // Such a text is refused by the tool itself; until then it is judged as it is.
  if (value === undefined) return call.argumentsJson;
  if (argument === undefined) return stringsOf(value);
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, argument)) return undefined;
  return stringsOf((value as Record<string, unknown>)[argument]);
}

function refusal(rule: string): ToolResult {
  return failed('refused', `the rule "${rule}" does not allow this call`);
}

/** An argument that is not there is judged as an empty text: what must match something does not, and what must not does neither. */
function argumentRefusal(rule: CompiledToolRule, call: ToolCall, observe: ObserveRule): ToolResult | undefined {
  const text = judgedText(rule, call) ?? '';
  const judgement = judgeText(text, rule.checks, { observe: (event) => observe(event.effect === 'blocked' ? { rule: event.rule, effect: 'call_refused' } : event) });
  return judgement.kind === 'blocked' ? refusal(judgement.rule) : undefined;
}

/** What of a result the tool itself wrote. */
function untrustedPart(result: ToolResult): string | undefined {
  if (result.kind === 'ok') return result.content;
  return result.kind === 'failed' ? result.details : undefined;
}

/** What was struck out of a result must not come back with its citations; the rest of them stays, as an answer may have to cite. */
function withPart(result: ToolResult, text: string, strike: Strike): ToolResult {
  if (result.kind === 'ok') return result.passages === undefined ? { ...result, content: text } : { ...result, content: text, passages: struckPassages(result.passages, strike) };
  return result.kind === 'failed' ? { ...result, details: text } : result;
}

function withheld(result: ToolResult, rule: string): ToolResult {
  const reason = `the result was withheld by the rule "${rule}"`;
  // A model that takes a write for refused makes it again.
  return result.kind === 'failed' ? { ...failed(result.failure, `${result.reason}; ${reason}`), ...(result.made === undefined ? {} : { made: result.made }) } : failed('refused', `the call was made, and ${reason}`);
}

function judgedResult(rules: readonly CompiledToolRule[], result: ToolResult, observe: ObserveRule): ToolResult {
  let current = result;
  for (const { checks } of rules) {
    const text = untrustedPart(current);
    if (text === undefined) return current;
    const judgement = judgeText(text, checks, { observe: (event) => observe(event.effect === 'blocked' ? { rule: event.rule, effect: 'result_withheld' } : event) });
    current = judgement.kind === 'passed' ? withPart(current, judgement.text, strikeOf(checks)) : withheld(current, judgement.rule);
  }
  return current;
}

/** A write that waits shows what another tool has read. */
function judgedPreview(rules: readonly CompiledToolRule[], result: ToolResult, observe: ObserveRule): ToolResult {
  if (result.kind !== 'pending') return result;
  const approval = rules.reduce((seen, { checks }) => struckBefore(seen, strikeOf(checks, (event) => observe(event.effect === 'blocked' ? { rule: event.rule, effect: 'result_withheld' } : event))), result.approval);
  return { ...result, approval };
}

/** The toolbox of one request under the rules. Calls are counted from here on. */
export function guardToolbox(toolbox: Toolbox, rules: readonly CompiledToolRule[], observe: ObserveRule): Toolbox {
  if (rules.length === 0) return toolbox;
  const calls = new Map<string, number>();
  const overLimit = (call: ToolCall): ToolResult | undefined => {
    for (const { limit, isFor } of rules) {
      if (limit === undefined || !isFor(call.name)) continue;
      const made = (calls.get(limit.rule) ?? 0) + 1;
      calls.set(limit.rule, made);
      if (made <= limit.maximum) continue;
      observe({ rule: limit.rule, effect: limit.action === 'Observe' ? 'observed' : 'call_refused' });
      if (limit.action !== 'Observe') return refusal(limit.rule);
    }
    return undefined;
  };
  const refused = (call: ToolCall): ToolResult | undefined => {
    for (const rule of rules) {
      if (rule.target !== 'Arguments' || rule.limit !== undefined || !rule.isFor(call.name)) continue;
      const result = argumentRefusal(rule, call, observe);
      if (result !== undefined) return result;
    }
    return overLimit(call);
  };
  return {
    ...toolbox,
    call: async (call, signal) => {
      const early = refused(call);
      if (early !== undefined) return early;
      const result = await toolbox.call(call, signal);
      const ofResults = rules.filter(({ target }) => target === 'Results');
      const reader = toolbox.comparedWith?.(call.name);
      const preview = reader === undefined ? result : judgedPreview(ofResults.filter(({ isFor }) => isFor(reader)), result, observe);
      return judgedResult(ofResults.filter(({ isFor }) => isFor(call.name)), preview, observe);
    },
  };
}
