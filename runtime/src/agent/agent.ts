import { BudgetExceeded } from '../budgets/budget-exceeded.ts';
import { addUsage } from '../providers/token-usage.ts';
import type { CompleteOptions, ModelClient, ModelMessage, ModelReply, ModelRequest, ModelSettings, TokenUsage } from '../providers/model-client.ts';
import type { Toolbox } from '../tools/toolbox.ts';
import type { PendingApproval } from '../approvals/approval.ts';
import type { Caller } from '../approvals/caller.ts';
import type { AgentResult, AgentStatus, Evidence } from './agent-result.ts';
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
}

export interface RunOptions {
  readonly signal: AbortSignal;
  readonly listener: AgentListener;
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

function finish(progress: Progress, status: AgentStatus, answer: string): AgentResult {
  const { evidence, turns, toolCalls, failedToolCalls, usage, approvals } = progress;
  const result = { status, answer, evidence, turns, toolCalls, failedToolCalls, usage };
  return approvals.length === 0 ? result : { ...result, approvals };
}

function answered(progress: Progress, reply: ModelReply): AgentResult {
  if (reply.stop === 'refused') return { ...finish(progress, 'error', 'No answer: the model declined to answer.'), refused: true };
  if (reply.text.trim() === '') return finish(progress, 'error', 'No answer: the reply of the model was empty.');
  if (reply.stop === 'length') return { ...finish(progress, 'degraded', reply.text), cut: true };
  return finish(progress, progress.failedToolCalls > 0 ? 'degraded' : 'success', reply.text);
}

/** A request that has used up what it may is over, with what was done until then; other budgets are for the caller to know of. */
async function askModel(agent: Agent, { messages, caller }: Pick<ModelRequest, 'messages' | 'caller'>, complete: CompleteOptions): Promise<ModelReply | BudgetExceeded> {
  try {
    return await agent.model.complete({ settings: agent.settings, system: agent.prompt, messages, tools: agent.toolbox.descriptions, caller }, complete);
  } catch (error) {
    if (error instanceof BudgetExceeded && error.budget === 'perRequest') return error;
    throw error;
  }
}

/**
 * Lets the model answer, calling tools as it asks, for at most `maxModelTurns` turns.
 * Throws ModelError when the provider fails, BudgetExceeded when a budget of more than the request is used up, and the signal's reason when it aborts.
 */
export async function runAgent(agent: Agent, request: AgentRequest, options: RunOptions): Promise<AgentResult> {
  let progress: Progress = { messages: [...(request.history ?? []), { role: 'user', text: request.text }], turns: 0, evidence: [], toolCalls: 0, failedToolCalls: 0, usage: { inputTokens: 0, outputTokens: 0 }, found: nothingFound, approvals: [], citing: 'not-asked' };
  const { onModelTry, onUsage } = options.listener;
  // What may be withheld in the end is not shown before.
  const onText = mayBeWithheld(agent.toolbox) ? undefined : options.listener.onText;
  const onSpent = (usage: TokenUsage): void => {
    onUsage?.(usage);
    progress = { ...progress, usage: addUsage(progress.usage, usage) };
  };
  const caller = { requestId: request.requestId, tenant: request.tenant, payer: request.payer, workflow: request.workflow, tries: request.tries, waitsAs: request.waitsAs };
  while (progress.turns < agent.maxModelTurns) {
    const turn = progress.turns + 1;
    const reply = await askModel(agent, { messages: progress.messages, caller }, { signal: options.signal, onTry: onModelTry, onSpent, onText: onText && ((text) => onText({ turn, text })) });
    if (reply instanceof BudgetExceeded) return finish(progress, 'error', `No answer: ${reply.message}.`);
    onUsage?.(reply.usage);
    progress = afterReply(progress, reply);
    // A cut reply may hold half a call: its calls are not made.
    if (reply.toolCalls.length === 0 || reply.stop === 'length' || reply.stop === 'refused') {
      const result = withCitations(answered(progress, reply), progress.found);
      if (result !== 'uncited') return result;
      if (progress.citing === 'asked' || progress.turns === agent.maxModelTurns) return finish(progress, 'error', uncitedAnswer);
      progress = { ...progress, citing: 'asked', messages: [...progress.messages, askToCite] };
      continue;
    }
    // On the last turn nobody would read the results, so nothing is called for them.
    if (progress.turns === agent.maxModelTurns) break;
    progress = afterTools(progress, await runToolCalls(agent.toolbox, { requestId: request.requestId, principal: request.principal, traceId: request.traceId, writesAs: request.writesAs, calls: reply.toolCalls, firstNumber: progress.toolCalls + 1 }, options));
  }
  return finish(progress, 'error', `No answer: the model still asked for tools on turn ${agent.maxModelTurns}, the last that limits.maxModelTurns allows.`);
}
