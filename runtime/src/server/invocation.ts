import type { FastifyBaseLogger } from 'fastify';
import { isAnonymous, type Caller } from '../approvals/caller.ts';
import type { AgentListener } from '../agent/agent-listener.ts';
import type { AnswerWishes } from '../agent/answer-wishes.ts';
import type { AgentResult } from '../agent/agent-result.ts';
import type { GuardedAgent } from '../guardrails/guarded-agent.ts';
import { TurnDeferred } from '../jobs/batches/turn-deferred.ts';
import type { Clock } from '../platform/clock.ts';
import { withDeadline } from '@sluice/evals/deadline';
import type { ModelMessage, TokenUsage } from '../providers/model-client.ts';
import { addUsage } from '../providers/token-usage.ts';
import { ModelError } from '../providers/model-error.ts';
import { modelRefusalRule, type CountRequest, type RequestEnd } from '../telemetry/metrics.ts';
import type { Admission } from './admission.ts';
import type { InvokeRequest, InvokeResponse } from './contract.ts';
import { restedOn } from './answer-members.ts';
import { AgentFailed, markCounted, problemOf, RequestTimeout } from './problem.ts';
import { followProvider, type ProviderBlame } from './provider-blame.ts';

export interface InvocationListener extends AgentListener {
  /** The request has a place: it runs or waits for its turn. Not called for one that is turned away. */
  readonly onAccepted?: (() => void) | undefined;
  /** The agent begins. */
  readonly onStart?: (() => void) | undefined;
}

export interface InvokeOptions {
  readonly requestId: string;
  readonly signal: AbortSignal;
  readonly listener: InvocationListener;
  readonly log: FastifyBaseLogger;
  /** Who asks; not set: nobody in particular. */
  readonly principal?: Caller | undefined;
  readonly traceId?: string | undefined;
  /** The request that writes are made under, where an earlier try of this one may have made some; not set: its own. */
  readonly writesAs?: string | undefined;
  /** It may be tried again much later under the same id, as jobs are; not set: it is not. */
  readonly tries?: 'several' | undefined;
  /** The job that may wait for the first answer of the model; then TurnDeferred is thrown, and nothing is counted. */
  readonly waitsAs?: string | undefined;
  /** What was said before, oldest first. */
  readonly history?: readonly ModelMessage[] | undefined;
  /** Who says that it was said; not set: this server. */
  readonly historyOf?: 'client' | undefined;
  /** What the request asks of its answer. */
  readonly wishes?: AnswerWishes | undefined;
}

/** Answers requests within the limits of the agent, whatever the transport. */
export interface InvocationService {
  /** Throws HttpProblem or ModelError and, where the call says that it may wait, TurnDeferred. Every call is counted once and logged in one line. */
  readonly invoke: (request: InvokeRequest, options: InvokeOptions) => Promise<InvokeResponse>;
}

export interface InvocationServiceOptions {
  readonly agent: GuardedAgent;
  readonly admission: Admission;
  readonly count: CountRequest;
  readonly clock: Clock;
  readonly policyVersion: string;
  readonly requestTimeoutMilliseconds: number;
}

/** What is watched while a request runs, to be counted when it ends however it ends. */
interface Watch {
  readonly blame: ProviderBlame;
  spent: TokenUsage;
}

function watched(listener: InvocationListener, log: FastifyBaseLogger, watch: Watch): AgentListener {
  return {
    ...listener,
    onModelTry: watch.blame.onModelTry,
    onUsage: (usage) => {
      watch.spent = addUsage(watch.spent, usage);
      listener.onUsage?.(usage);
    },
    onToolResult: (event) => {
      if (!event.ok) log.warn({ tool: event.tool, ref: event.ref, reason: event.reason }, 'tool call failed');
      listener.onToolResult?.(event);
    },
  };
}

function errorFields(error: unknown): object {
  if (error instanceof ModelError) return { failure: error.failure, provider_status: error.status, provider_request_id: error.providerRequestId };
  return problemOf(error).status === 500 ? { err: error } : {};
}

/** What an answer rests on is the tool calls that went well. */
function endOf({ status, evidence, refused, blockedBy }: AgentResult): RequestEnd {
  return {
    citation: status === 'error' ? undefined : evidence.length > 0 ? 'with' : 'without',
    blockedBy: blockedBy ?? (refused === true ? modelRefusalRule : undefined),
  };
}

function resultFields(result: AgentResult): object {
  const { turns, toolCalls, failedToolCalls, usage, blockedBy } = result;
  return { blocked_by_rule: blockedBy, turns, tool_calls: toolCalls, tool_calls_failed: failedToolCalls, input_tokens: usage.inputTokens, output_tokens: usage.outputTokens };
}

/** In an open server requests say themselves for whom they are; in a closed one, what they say was checked against their credentials. */
export function tenantOf(request: InvokeRequest, principal: Caller | undefined): string | undefined {
  return request.tenant_id ?? (principal === undefined || isAnonymous(principal) ? undefined : principal.tenant);
}

/** Whose places and budgets it takes. Nobody vouches for the tenant that a request without credentials names. */
function vouchedTenant(principal: Caller | undefined): string | undefined {
  return principal === undefined || isAnonymous(principal) ? undefined : principal.tenant;
}

/** Takes a place, waits for its turn, works and gives the place back. */
async function runAdmitted(options: InvocationServiceOptions, request: InvokeRequest, call: InvokeOptions, work: { readonly signal: AbortSignal; readonly listener: AgentListener }): Promise<AgentResult> {
  const ticket = options.admission.enter(work.signal, vouchedTenant(call.principal));
  try {
    call.listener.onAccepted?.();
    await ticket.admitted;
    call.listener.onStart?.();
    const { requestId, principal, traceId, writesAs, tries, waitsAs, history = [], historyOf, wishes } = call;
    return await options.agent.run({ requestId, text: request.input.text, tenant: tenantOf(request, principal), payer: vouchedTenant(principal), workflow: request.workflow, principal, traceId, writesAs, tries, waitsAs, history, historyOf, wishes }, work);
  } finally {
    ticket.release();
  }
}

export function createInvocationService(options: InvocationServiceOptions): InvocationService {
  const { clock, count, requestTimeoutMilliseconds: milliseconds } = options;
  const invoke: InvocationService['invoke'] = async (request, call) => {
    const started = clock.now();
    const caller = { tenant_id: tenantOf(request, call.principal), workflow: request.workflow };
    const watch: Watch = { blame: followProvider(clock, milliseconds), spent: { inputTokens: 0, outputTokens: 0 } };
    const end = (outcome: Parameters<CountRequest>[0], level: 'info' | 'warn' | 'error', fields: object, known: RequestEnd): void => {
      const duration = clock.now() - started;
      count(outcome, duration, { ...known, usage: watch.spent });
      call.log[level]({ ...caller, outcome, duration_ms: Math.round(duration), ...fields }, 'request finished');
    };
    try {
      const deadline = { milliseconds, signal: call.signal, expired: () => new RequestTimeout(milliseconds) };
      const listener = watched(call.listener, call.log, watch);
      const result = await withDeadline(clock, deadline, (signal) => runAdmitted(options, request, call, { signal, listener }));
      end(result.status, result.status === 'success' ? 'info' : 'warn', resultFields(result), endOf(result));
      return { request_id: call.requestId, status: result.status, answer: result.answer, evidence: [...result.evidence], ...restedOn(result), policy_version: options.policyVersion, ...(result.blockedBy === undefined ? {} : { blocked_by_rule: result.blockedBy }) };
    } catch (error) {
      if (error instanceof TurnDeferred) {
        call.log.debug(caller, 'the request waits for a batch');
        throw error;
      }
      const { outcome, status } = problemOf(error);
      end(outcome, status === 500 ? 'error' : outcome === 'cancelled' ? 'info' : 'warn', { status, ...errorFields(error) }, { fault: watch.blame.causes(error) ? 'provider' : undefined });
      throw status === 500 ? new AgentFailed(error) : markCounted(error);
    }
  };
  return { invoke };
}
