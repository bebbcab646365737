import { TaskState } from '@a2a-js/sdk';
import { InvalidAgentResponseError } from '@a2a-js/sdk/errors';
import type { AgentExecutor, ExecutionEventBus, RequestContext } from '@a2a-js/sdk/server';
import type { Caller } from '../approvals/caller.ts';
import type { InterfacesContext } from '../agent-card/interfaces-context.ts';
import { requestOf } from '../agent-card/question.ts';
import { CallerLeft, problemOf } from '../server/problem.ts';
import type { InvocationListener } from '../server/invocation.ts';
import { createAnswerPieces, type AnswerPieces } from './answer-pieces.ts';
import { A2aCallContext, type A2aCall } from './call-context.ts';
import { isSameOwner } from '../store/owner.ts';
import { answerPiece, endOf, endOfProblem, resultOf, stateOf, submitted, type TaskFacts } from './task-events.ts';

/** Answers tasks. A task goes on when its caller leaves, as the protocol has it, so it is bounded by the agent's limits alone. */
export interface TaskExecutor extends AgentExecutor {
  /** Whether a task of this caller runs. */
  readonly isRunning: (taskId: string, caller: Caller) => boolean;
  /** The ids of all tasks that run. */
  readonly running: () => readonly string[];
  /** Ends the work on a task, as its caller asked. */
  readonly stop: (taskId: string) => void;
  /** Resolves when no task runs. */
  readonly idle: () => Promise<void>;
}

function callOf({ context }: RequestContext): A2aCall & { readonly question: NonNullable<A2aCall['question']> } {
  if (!(context instanceof A2aCallContext) || context.call.question === undefined) throw new InvalidAgentResponseError('The call holds no question');
  return { ...context.call, question: context.call.question };
}

function listenerOf(facts: TaskFacts, bus: ExecutionEventBus, call: A2aCall, pieces: AnswerPieces): InvocationListener {
  return {
    onStart: () => bus.publish(stateOf(facts, TaskState.TASK_STATE_WORKING)),
    onText: call.answers === 'streamed' ? pieces.add : undefined,
  };
}

/** Publishes the events of a task from the first to the last, which always comes. */
async function runTask(context: InterfacesContext, facts: TaskFacts, bus: ExecutionEventBus, call: ReturnType<typeof callOf>, signal: AbortSignal): Promise<void> {
  const { principal, question, requestId, sent, traceId, log } = call;
  const writesAs = sent?.kind === 'first' ? sent.writesAs : undefined;
  const pieces = createAnswerPieces(context.clock, (piece) => bus.publish(answerPiece(facts, piece)));
  bus.publish(submitted(facts));
  try {
    const response = await context.ask(requestOf(question, principal), { requestId, traceId, writesAs, principal, signal, listener: listenerOf(facts, bus, call, pieces), log });
    if (response.status !== 'error') pieces.finish(response.answer);
    bus.publish(resultOf(facts, response));
    bus.publish(endOf(facts, response));
  } catch (error) {
    bus.publish(endOfProblem(facts, problemOf(error), requestId));
  } finally {
    pieces.drop();
  }
}

export function createTaskExecutor(context: InterfacesContext): TaskExecutor {
  const { active, random, wallClock } = context;
  const running = new Map<string, { readonly controller: AbortController; readonly done: Promise<void>; readonly owner: Caller | undefined }>();
  const run = async (asked: RequestContext, bus: ExecutionEventBus, controller: AbortController): Promise<void> => {
    const { taskId, contextId, userMessage } = asked;
    const facts: TaskFacts = { taskId, contextId, asked: userMessage, timestamp: () => new Date(wallClock.now()).toISOString(), newId: random.id };
    const remove = active.add(controller);
    try {
      await runTask(context, facts, bus, callOf(asked), controller.signal);
    } finally {
      remove();
    }
  };
  const stop = (taskId: string): void => running.get(taskId)?.controller.abort(new CallerLeft('The caller cancelled the task'));
  return {
    running: () => [...running.keys()],
    stop,
    execute: async (asked, bus) => {
      const controller = new AbortController();
      const done = Promise.withResolvers<void>();
      running.set(asked.taskId, { controller, done: done.promise, owner: asked.context instanceof A2aCallContext ? asked.context.call.principal : undefined });
      try {
        await run(asked, bus, controller);
      } finally {
        running.delete(asked.taskId);
        done.resolve();
      }
    },
    cancelTask: async (taskId) => stop(taskId),
    isRunning: (taskId, caller) => {
      const owner = running.get(taskId)?.owner;
      return owner !== undefined && isSameOwner(owner, caller);
    },
    idle: async () => {
      await Promise.all([...running.values()].map(({ done }) => done));
    },
  };
}
