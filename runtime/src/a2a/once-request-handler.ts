import type { AgentCard, GetTaskRequest, Message, SendMessageRequest, StreamResponse, Task } from '@a2a-js/sdk';
import { TaskNotFoundError } from '@a2a-js/sdk/errors';
import { DefaultRequestHandler, type AgentExecutor, type ExecutionEventBusManager, type ServerCallContext } from '@a2a-js/sdk/server';
import type { Clock } from '../platform/clock.ts';
import { A2aCallContext } from './call-context.ts';
import type { Sent, SentMessages } from './sent-messages.ts';
import type { SharedTasks } from './shared-tasks.ts';
import { createTaskStore, hasEnded } from './task-store.ts';

export interface OnceOptions {
  readonly card: AgentCard;
  readonly clock: Clock;
  readonly executor: AgentExecutor;
  readonly buses: ExecutionEventBusManager;
  readonly messages: SentMessages;
  readonly shared: SharedTasks;
}

function sentOf(context: ServerCallContext): Sent {
  return (context instanceof A2aCallContext ? context.call.sent : undefined) ?? { kind: 'first' };
}

/** As many of the last messages as the caller asked for. */
function withHistory(task: Task, length: number | undefined): Task {
  if (length === undefined) return task;
  return { ...task, history: length <= 0 ? [] : task.history.slice(-length) };
}

/** The protocol's own handler, but for messages that were sent before, which are answered with the task that came of them, and for tasks of other replicas. */
export class OnceRequestHandler extends DefaultRequestHandler {
  readonly #shared: SharedTasks;

  constructor({ card, clock, executor, buses, messages, shared }: OnceOptions) {
    const onSaved = async (task: Task, context: ServerCallContext): Promise<void> => {
      const sent = sentOf(context);
      if (sent.kind !== 'first') return;
      // A store that did not take the message is not waited for again.
      if (sent.name !== undefined && context instanceof A2aCallContext) await shared.saved(task, context.call.principal);
      await messages.saved(task, sent);
    };
    super(card, createTaskStore(clock, onSaved), executor, buses);
    this.#shared = shared;
  }

  override async getTask(params: GetTaskRequest, context: ServerCallContext): Promise<Task> {
    try {
      return await super.getTask(params, context);
    } catch (error) {
      if (!(error instanceof TaskNotFoundError) || !(context instanceof A2aCallContext)) throw error;
      const task = await this.#shared.find(params.id, context.call.principal);
      if (task === undefined) throw error;
      return withHistory(task, params.historyLength);
    }
  }

  override async sendMessage(params: SendMessageRequest, context: ServerCallContext): Promise<Message | Task> {
    const sent = sentOf(context);
    if (sent.kind === 'ended') return withHistory(sent.task, params.configuration?.historyLength);
    if (sent.kind === 'runs') return params.configuration?.returnImmediately === true ? await this.#runningTask(sent.taskId, params, context) : withHistory(await sent.ended, params.configuration?.historyLength);
    return await super.sendMessage(params, context);
  }

  override async *sendMessageStream(params: SendMessageRequest, context: ServerCallContext): AsyncGenerator<StreamResponse, void, undefined> {
    const sent = sentOf(context);
    if (sent.kind === 'first') return yield* super.sendMessageStream(params, context);
    const task = sent.kind === 'ended' ? sent.task : await this.#runningTask(sent.taskId, params, context);
    // One that has ended is told whole; of one that runs, its state now and what comes.
    if (sent.kind === 'ended' || hasEnded(task)) yield { payload: { $case: 'task', value: withHistory(task, params.configuration?.historyLength) } };
    else yield* this.resubscribe({ id: sent.taskId, tenant: params.tenant }, context);
  }

  async #runningTask(id: string, params: SendMessageRequest, context: ServerCallContext): Promise<Task> {
    return await this.getTask({ id, tenant: params.tenant, historyLength: params.configuration?.historyLength }, context);
  }
}
