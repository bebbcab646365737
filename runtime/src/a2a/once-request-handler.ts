import type { AgentCard, Message, SendMessageRequest, StreamResponse, Task } from '@a2a-js/sdk';
import { DefaultRequestHandler, type AgentExecutor, type ExecutionEventBusManager, type ServerCallContext } from '@a2a-js/sdk/server';
import type { Clock } from '../platform/clock.ts';
import { A2aCallContext } from './call-context.ts';
import type { Sent, SentMessages } from './sent-messages.ts';
import { createTaskStore, hasEnded } from './task-store.ts';

export interface OnceOptions {
  readonly card: AgentCard;
  readonly clock: Clock;
  readonly executor: AgentExecutor;
  readonly buses: ExecutionEventBusManager;
  readonly messages: SentMessages;
}

function sentOf(context: ServerCallContext): Sent {
  return (context instanceof A2aCallContext ? context.call.sent : undefined) ?? { kind: 'first' };
}

/** As many of the last messages as the caller asked for. */
function withHistory(task: Task, { configuration }: SendMessageRequest): Task {
  const length = configuration?.historyLength;
  if (length === undefined) return task;
  return { ...task, history: length <= 0 ? [] : task.history.slice(-length) };
}

/** The protocol's own handler, but for messages that were sent before: they are answered with the task that came of them. */
export class OnceRequestHandler extends DefaultRequestHandler {
  constructor({ card, clock, executor, buses, messages }: OnceOptions) {
    const onSaved = async (task: Task, context: ServerCallContext): Promise<void> => {
      const sent = sentOf(context);
      if (sent.kind === 'first') await messages.saved(task, sent);
    };
    super(card, createTaskStore(clock, onSaved), executor, buses);
  }

  override async sendMessage(params: SendMessageRequest, context: ServerCallContext): Promise<Message | Task> {
    const sent = sentOf(context);
    if (sent.kind === 'ended') return withHistory(sent.task, params);
    if (sent.kind === 'runs') return params.configuration?.returnImmediately === true ? await this.#runningTask(sent.taskId, params, context) : withHistory(await sent.ended, params);
    return await super.sendMessage(params, context);
  }

  override async *sendMessageStream(params: SendMessageRequest, context: ServerCallContext): AsyncGenerator<StreamResponse, void, undefined> {
    const sent = sentOf(context);
    if (sent.kind === 'first') return yield* super.sendMessageStream(params, context);
    const task = sent.kind === 'ended' ? sent.task : await this.#runningTask(sent.taskId, params, context);
    // One that has ended is told whole; of one that runs, its state now and what comes.
    if (sent.kind === 'ended' || hasEnded(task)) yield { payload: { $case: 'task', value: withHistory(task, params) } };
    else yield* this.resubscribe({ id: sent.taskId, tenant: params.tenant }, context);
  }

  async #runningTask(id: string, params: SendMessageRequest, context: ServerCallContext): Promise<Task> {
    return await this.getTask({ id, tenant: params.tenant, historyLength: params.configuration?.historyLength }, context);
  }
}
