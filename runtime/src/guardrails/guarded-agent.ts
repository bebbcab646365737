import { runAgent, type Agent, type AgentRequest, type Done, type RunOptions } from '../agent/agent.ts';
import type { AgentListener } from '../agent/agent-listener.ts';
import { fittingJson, type AnswerFormat } from '../agent/answer-format.ts';
import { mayBeWithheld } from '../agent/citing.ts';
import { asWished, type AnswerWishes } from '../agent/answer-wishes.ts';
import type { AgentResult } from '../agent/agent-result.ts';
import type { ModelCaller, ModelMessage } from '../providers/model-client.ts';
import type { Guardrails } from './compile-guardrails.ts';
import type { CompiledRules } from './compiled-rules.ts';
import { judgeText, judgeTopics, strikeOf, struckPassages, type Judgement } from './judge-text.ts';
import type { ObserveRule } from './rule-effect.ts';
import { struckApprovals } from './struck-changes.ts';
import { BlockedByRule, guardStream } from './stream-guard.ts';
import { unknownTool, type Toolbox } from '../tools/toolbox.ts';
import { guardToolbox } from './tool-guard.ts';
import { createModelTopicClassifier, type TopicClassifier } from './topic-classifier.ts';

export interface GuardOptions {
  readonly guardrails: Guardrails;
  readonly observe: ObserveRule;
  /** Changes the tools of one request after the rules were put around them. */
  readonly withTools?: ((toolbox: Toolbox) => Toolbox) | undefined;
  /** Default: the model of the agent. */
  readonly classifier?: TopicClassifier | undefined;
}

/** An agent whose rules are in force, whoever asks it: answers like `runAgent`. */
export interface GuardedAgent {
  readonly run: (request: AgentRequest, options: RunOptions) => Promise<AgentResult>;
}

const nothingDone: Done = { evidence: [], turns: 0, toolCalls: 0, failedToolCalls: 0, usage: { inputTokens: 0, outputTokens: 0 } };

function blocked(rule: string, what: 'request' | 'answer', done: Done = nothingDone): AgentResult {
  return { ...done, status: 'error', answer: `No answer: the rule "${rule}" does not allow this ${what}.`, blockedBy: rule };
}

interface Run {
  readonly agent: Agent;
  readonly options: GuardOptions;
  readonly classifier: TopicClassifier;
  readonly caller: ModelCaller;
  readonly signal: AbortSignal;
  readonly listener: AgentListener;
}

async function judge({ options, classifier, caller, signal, listener }: Run, text: string, rules: CompiledRules): Promise<Judgement> {
  const judgement = judgeText(text, rules, options);
  if (judgement.kind === 'blocked') return judgement;
  const rule = await judgeTopics(text, rules.topics, { observe: options.observe, classifier, caller, signal, onUsage: listener.onUsage });
  return rule === undefined ? judgement : { kind: 'blocked', rule };
}

/** The rule that asks for more results of tools than the answer rests on. */
function missingCitation({ evidence }: AgentResult, { citations }: CompiledRules, observe: ObserveRule): string | undefined {
  for (const { rule, action, atLeast } of citations) {
    if (evidence.length >= atLeast) continue;
    observe({ rule, effect: action === 'Observe' ? 'observed' : 'blocked' });
    if (action !== 'Observe') return rule;
  }
  return undefined;
}

/** Of a streamed answer the parts were told about as they passed. */
function withoutParts(run: Run): Run {
  const { observe } = run.options;
  return { ...run, options: { ...run.options, observe: (event) => (event.effect === 'blocked' ? observe(event) : undefined) } };
}

/** The rule that struck so much out of an answer that it is none of the format any more: whoever asked for that cannot read it. One that was cut was not in its format before. */
function brokenFormat({ cut }: AgentResult, judgement: Extract<Judgement, { kind: 'passed' }>, format: AnswerFormat | undefined): string | undefined {
  return format === undefined || cut === true || judgement.struckBy === undefined || fittingJson(judgement.text, format) !== undefined ? undefined : judgement.struckBy;
}

async function judgeAnswer(run: Run, result: AgentResult, format: AnswerFormat | undefined): Promise<AgentResult> {
  if (result.status === 'error') return result;
  const { output } = run.options.guardrails;
  const rule = missingCitation(result, output, run.options.observe);
  if (rule !== undefined) return blocked(rule, 'answer', result);
  const judgement = await judge(run, result.answer, output);
  if (judgement.kind === 'blocked') return blocked(judgement.rule, 'answer', result);
  const broken = brokenFormat(result, judgement, format);
  if (broken === undefined) return { ...result, answer: judgement.text };
  run.options.observe({ rule: broken, effect: 'blocked' });
  return blocked(broken, 'answer', result);
}

/** What goes along with an answer, or with the word that there is none: titles of documents and what writes would change are no words of the model, and leave all the same. */
function withRules(result: AgentResult, { guardrails: { output }, observe }: GuardOptions): AgentResult {
  const { citations: cited, approvals: waiting, ...rest } = result;
  const citations = cited === undefined ? [] : struckPassages(cited, strikeOf(output));
  const approvals = waiting === undefined ? {} : { approvals: struckApprovals(waiting, strikeOf(output, observe)) };
  return { ...rest, ...approvals, ...(citations.length === 0 ? {} : { citations }) };
}

/** The model writes the names of the tools that it calls: of one that the agent does not have, nothing is told but that. */
function withKnownTools(listener: AgentListener, { descriptions }: Toolbox): AgentListener {
  const known = new Set(descriptions.map(({ name }) => name));
  const named = <T extends { readonly tool: string }>(event: T): T => (known.has(event.tool) ? event : { ...event, tool: unknownTool });
  return { ...listener, onToolCall: listener.onToolCall && ((event) => listener.onToolCall?.(named(event))), onToolResult: listener.onToolResult && ((event) => listener.onToolResult?.(named(event))) };
}

/** The agent with its output rules: streamed in pieces, or not at all. */
async function runJudged(run: Run, request: AgentRequest): Promise<AgentResult> {
  const { agent, listener, options, signal } = run;
  const { onText } = listener;
  const format = request.wishes?.format;
  // What the agent keeps to its end passes no guard in parts, so its rules are told of it whole.
  const isKept = format !== undefined || mayBeWithheld(asWished(agent, request.wishes ?? {}).toolbox);
  if (onText === undefined || isKept || options.guardrails.release(request.workflow) === 'whole') return await judgeAnswer(run, await runAgent(agent, request, { signal, listener: { ...listener, onText: undefined } }), format);
  const stop = new AbortController();
  let done = nothingDone;
  const onProgress = (soFar: Done): void => {
    done = soFar;
  };
  const guarded = guardStream({ listener, rules: options.guardrails.output, observe: options.observe, onBlocked: (reason) => stop.abort(reason) }, onText);
  try {
    const result = await runAgent(agent, request, { signal: AbortSignal.any([signal, stop.signal]), listener: guarded, onProgress });
    stop.signal.throwIfAborted();
    return await judgeAnswer(withoutParts(run), result, format);
  } catch (error) {
    signal.throwIfAborted();
    if (stop.signal.reason instanceof BlockedByRule) return blocked(stop.signal.reason.rule, 'answer', done);
    throw error;
  }
}

/** What was said before was words of a user too, judged then by other rules or, as a client sent it, by none. Topics are those of the question. */
function judgeHistory({ history = [], historyOf }: AgentRequest, { options }: Run): Extract<Judgement, { kind: 'blocked' }> | { readonly kind: 'passed'; readonly history: readonly ModelMessage[] } {
  const passed: ModelMessage[] = [];
  for (const message of history) {
    // Answers that a client sends may be its own words.
    if (message.role === 'tools' || (message.role === 'assistant' && historyOf !== 'client')) {
      passed.push(message);
      continue;
    }
    const judgement = judgeText(message.text, options.guardrails.input, options);
    if (judgement.kind === 'blocked') return judgement;
    passed.push({ ...message, text: judgement.text });
  }
  return { kind: 'passed', history: passed };
}

/** How an answer is to be written is words of the user too. What the rules strike out of them goes to no provider: it is asked for an object then, and the answer checked by all of it. */
function judgeWishes({ wishes }: AgentRequest, { options }: Run): Extract<Judgement, { kind: 'blocked' }> | { readonly kind: 'passed'; readonly wishes: AnswerWishes | undefined } {
  if (wishes?.format === undefined) return { kind: 'passed', wishes };
  const { format } = wishes;
  const judgement = judgeText(format.words, options.guardrails.input, options);
  if (judgement.kind === 'blocked') return judgement;
  return { kind: 'passed', wishes: judgement.text === format.words ? wishes : { ...wishes, format: { ...format, asked: { kind: 'object' }, words: judgement.text } } };
}

/** Puts the rules around an agent. */
export function guardAgent(agent: Agent, options: GuardOptions): GuardedAgent {
  const classifier = options.classifier ?? createModelTopicClassifier(agent.model, agent.settings.name);
  return {
    run: async (request, { signal, listener: told }) => {
      const listener = withKnownTools(told, agent.toolbox);
      const guarded = guardToolbox(agent.toolbox, options.guardrails.tools, options.observe);
      const toolbox = options.withTools?.(guarded) ?? guarded;
      const run: Run = { agent: { ...agent, toolbox }, options, classifier, caller: { requestId: request.requestId, tenant: request.tenant, payer: request.payer, workflow: request.workflow, tries: request.tries }, signal, listener };
      const question = await judge(run, request.text, options.guardrails.input);
      if (question.kind === 'blocked') return blocked(question.rule, 'request');
      const before = judgeHistory(request, run);
      if (before.kind === 'blocked') return blocked(before.rule, 'request');
      const wished = judgeWishes(request, run);
      if (wished.kind === 'blocked') return blocked(wished.rule, 'request');
      return withRules(await runJudged(run, { ...request, text: question.text, history: before.history, wishes: wished.wishes }), options);
    },
  };
}
