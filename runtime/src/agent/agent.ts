import { BudgetExceeded } from '../budgets/budget-exceeded.ts';
import { addUsage } from '../providers/token-usage.ts';
import type { CompleteOptions, ModelClient, ModelMessage, ModelReply, ModelRequest, ModelSettings, TokenUsage } from '../providers/model-client.ts';
import type { Toolbox } from '../tools/toolbox.ts';
import type { PendingApproval } from '../approvals/approval.ts';
import type { Caller } from '../approvals/caller.ts';
import type { AgentResult, AgentStatus, Evidence } from './agent-result.ts';
import { askForFormat, fittingJson, unfittingAnswer, type AnswerFormat } from './answer-format.ts';
import { asWished, type AnswerWishes } from './answer-wishes.ts';
import { askToCite, mayBeWithheld, nothingFound, uncitedAnswer, withCitations, type Found } from './citing.ts';
import { runToolCalls, type ToolTurn } from './tool-turn.ts';
import type { AgentListener } from './agent-listener.ts';

/** One agent, ready to answer. Holds no state between requests. */
export interface Agent {
  readonly model: ModelClient;
  readonly toolbox: Toolbox;
  readonly settings: ModelSettings;
  readonly prompt: string;
  /** Calls of the model per request, at least 1. */
  readonly maxModelTurns: number;
}

export interface AgentRequest {
  readonly requestId: string;
  readonly text: string;
  readonly tenant?: string | undefined;
  /** As of ModelCaller. */
  readonly payer?: string | undefined;
  readonly workflow?: string | undefined;
  /** Who asked, as writes see it; not set: nobody in particular, who has no roles. */
  readonly principal?: Caller | undefined;
  readonly traceId?: string | undefined;
  /** The request that writes are made under, where an earlier try of this one may have made some; not set: its own. */
  readonly writesAs?: string | undefined;
  /** It may be tried again much later under the same id, as jobs are; not set: it is not. */
  readonly tries?: 'several' | undefined;
  /** The job that may wait for the first answer of the model. */
  readonly waitsAs?: string | undefined;
  /** What was said before, oldest first. */
  readonly history?: readonly ModelMessage[];
  /** Who says that it was said; not set: this server. */
  readonly historyOf?: 'client' | undefined;
  readonly wishes?: AnswerWishes | undefined;
}

/** What a request has done. */
export type Done = Omit<AgentResult, 'status' | 'answer'>;

export interface RunOptions {
  readonly signal: AbortSignal;
  readonly listener: AgentListener;
  /** Told after each turn of tools, for whoever may end the request before its result. */
  readonly onProgress?: ((done: Done) => void) | undefined;
}

/** What a request has gathered so far. */
interface Progress {
  readonly messages: readonly ModelMessage[];
  readonly turns: number;
  readonly evidence: readonly Evidence[];
  readonly toolCalls: number;
  readonly failedToolCalls: number;
  readonly usage: TokenUsage;
  readonly found: Found;
  readonly approvals: readonly PendingApproval[];
  /** Whether the model was told to cite already. */
  readonly citing: 'not-asked' | 'asked';
  /** Whether the model was told already that its answer does not fit. */
  readonly formatting: 'not-asked' | 'asked';
}

function afterReply(progress: Progress, reply: ModelReply): Progress {
  const assistant: ModelMessage = { role: 'assistant', text: reply.text, toolCalls: reply.toolCalls };
  return { ...progress, messages: [...progress.messages, assistant], turns: progress.turns + 1, usage: addUsage(progress.usage, reply.usage) };
}

function afterTools(progress: Progress, turn: ToolTurn): Progress {
  return {
    ...progress,
    messages: [...progress.messages, { role: 'tools', results: turn.results }],
    evidence: [...progress.evidence, ...turn.evidence],
    toolCalls: progress.toolCalls + turn.results.length,
    found: { passages: [...progress.found.passages, ...turn.found.passages], mustCite: [...progress.found.mustCite, ...turn.found.mustCite] },
    approvals: [...progress.approvals, ...turn.approvals],
    failedToolCalls: progress.failedToolCalls + turn.results.filter((result) => result.outcome === 'failed').length,
  };
}

function doneSoFar({ evidence, turns, toolCalls, failedToolCalls, usage, approvals }: Progress): Done {
  const done = { evidence, turns, toolCalls, failedToolCalls, usage };
  return approvals.length === 0 ? done : { ...done, approvals };
}

function finish(progress: Progress, status: AgentStatus, answer: string): AgentResult {
  return { status, answer, ...doneSoFar(progress) };
}

function answered(progress: Progress, reply: ModelReply): AgentResult {
  if (reply.stop === 'refused') return { ...finish(progress, 'error', 'No answer: the model declined to answer.'), refused: true };
  if (reply.text.trim() === '' && reply.stop === 'length') return { ...finish(progress, 'error', 'No answer: the output limit was reached before there was one.'), cut: true };
  if (reply.text.trim() === '') return finish(progress, 'error', 'No answer: the reply of the model was empty.');
  if (reply.stop === 'length') return { ...finish(progress, 'degraded', reply.text), cut: true };
  return finish(progress, progress.failedToolCalls > 0 ? 'degraded' : 'success', reply.text);
}

/** A request that has used up what it may is over, with what was done until then; other budgets are for the caller to know of. */
async function askModel(agent: Agent, { messages, caller, format }: Pick<ModelRequest, 'messages' | 'caller' | 'format'>, complete: CompleteOptions): Promise<ModelReply | BudgetExceeded> {
  try {
    return await agent.model.complete({ settings: agent.settings, system: agent.prompt, messages, tools: agent.toolbox.descriptions, caller, format }, complete);
  } catch (error) {
    if (error instanceof BudgetExceeded && error.budget === 'perRequest') return error;
    throw error;
  }
}

/** The answer as JSON of the format; `unfitting` for one that is not. One that was cut is told as cut. */
function inFormat(result: AgentResult, format: AnswerFormat): AgentResult | 'unfitting' {
  if (result.status === 'error' || result.cut === true) return result;
  const json = fittingJson(result.answer, format);
  return json === undefined ? 'unfitting' : { ...result, answer: json };
}

interface Concluded {
  readonly result: AgentResult;
}

/** The end of a request whose model has answered, or what it is told to mend once. */
function conclude(agent: Agent, progress: Progress, reply: ModelReply, format: AnswerFormat | undefined): Concluded | Progress {
  const last = progress.turns === agent.maxModelTurns;
  const cited = withCitations(answered(progress, reply), progress.found);
  if (cited === 'uncited') return progress.citing === 'asked' || last ? { result: finish(progress, 'error', uncitedAnswer) } : { ...progress, citing: 'asked', messages: [...progress.messages, askToCite] };
  if (format === undefined) return { result: cited };
  const formatted = inFormat(cited, format);
  if (formatted !== 'unfitting') return { result: formatted };
  return progress.formatting === 'asked' || last ? { result: finish(progress, 'error', unfittingAnswer) } : { ...progress, formatting: 'asked', messages: [...progress.messages, askForFormat(format)] };
}

function beginningOf({ history = [], text, wishes }: AgentRequest): Progress {
  const words: readonly ModelMessage[] = wishes?.format === undefined ? [] : [{ role: 'user', text: wishes.format.words }];
  return { messages: [...history, ...words, { role: 'user', text }], turns: 0, evidence: [], toolCalls: 0, failedToolCalls: 0, usage: { inputTokens: 0, outputTokens: 0 }, found: nothingFound, approvals: [], citing: 'not-asked', formatting: 'not-asked' };
}

/**
 * Lets the model answer, calling tools as it asks, for at most `maxModelTurns` turns.
 * Throws ModelError when the provider fails, BudgetExceeded when a budget of more than the request is used up, and the signal's reason when it aborts.
 */
export async function runAgent(every: Agent, request: AgentRequest, options: RunOptions): Promise<AgentResult> {
  const { format } = request.wishes ?? {};
  const agent = asWished(every, request.wishes ?? {});
  let progress = beginningOf(request);
  const { onModelTry, onUsage } = options.listener;
  // What may be withheld in the end, or be no answer, is not shown before.
  const onText = mayBeWithheld(agent.toolbox) || format !== undefined ? undefined : options.listener.onText;
  const onSpent = (usage: TokenUsage): void => {
    onUsage?.(usage);
    progress = { ...progress, usage: addUsage(progress.usage, usage) };
  };
  const caller = { requestId: request.requestId, tenant: request.tenant, payer: request.payer, workflow: request.workflow, tries: request.tries, waitsAs: request.waitsAs };
  while (progress.turns < agent.maxModelTurns) {
    const turn = progress.turns + 1;
    const reply = await askModel(agent, { messages: progress.messages, caller, format: format?.asked }, { signal: options.signal, onTry: onModelTry, onSpent, onText: onText && ((text) => onText({ turn, text })) });
    if (reply instanceof BudgetExceeded) return finish(progress, 'error', `No answer: ${reply.message}.`);
    onUsage?.(reply.usage);
    progress = afterReply(progress, reply);
    // A cut reply may hold half a call: its calls are not made.
    if (reply.toolCalls.length === 0 || reply.stop === 'length' || reply.stop === 'refused') {
      const concluded = conclude(agent, progress, reply, format);
      if ('result' in concluded) return concluded.result;
      progress = concluded;
      continue;
    }
    // On the last turn nobody would read the results, so nothing is called for them.
    if (progress.turns === agent.maxModelTurns) break;
    progress = afterTools(progress, await runToolCalls(agent.toolbox, { requestId: request.requestId, principal: request.principal, traceId: request.traceId, writesAs: request.writesAs, calls: reply.toolCalls, firstNumber: progress.toolCalls + 1 }, options));
    options.onProgress?.(doneSoFar(progress));
  }
  return finish(progress, 'error', `No answer: the model still asked for tools on turn ${agent.maxModelTurns}, the last that limits.maxModelTurns allows.`);
}
