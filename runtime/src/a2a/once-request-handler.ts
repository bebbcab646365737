import type { AgentCard, CancelTaskRequest, GetTaskRequest, ListTasksRequest, ListTasksResponse, Message, SendMessageRequest, StreamResponse, SubscribeToTaskRequest, Task } from '@a2a-js/sdk';
import { InvalidAgentResponseError, TaskNotFoundError } from '@a2a-js/sdk/errors';
import { DefaultRequestHandler, type AgentExecutor, type ExecutionEventBusManager, type ServerCallContext } from '@a2a-js/sdk/server';
import type { Clock } from '../platform/clock.ts';
import { A2aCallContext, type A2aCall } from './call-context.ts';
import type { Sent, SentMessages } from './sent-messages.ts';
import type { SharedTasks } from './shared-tasks.ts';
import { createTaskStore, hasEnded } from './task-store.ts';
import type { TasksToStop } from './tasks-to-stop.ts';

export interface OnceOptions {
  readonly card: AgentCard;
  readonly clock: Clock;
  readonly executor: AgentExecutor;
  readonly buses: ExecutionEventBusManager;
  readonly messages: SentMessages;
  readonly shared: SharedTasks;
  readonly toStop: Pick<TasksToStop, 'begun'>;
}

function callOf(context: ServerCallContext): A2aCallContext {
  if (context instanceof A2aCallContext) return context;
  throw new InvalidAgentResponseError('The call is none of this server');
}

function sentOf(context: ServerCallContext): Sent {
  return (context instanceof A2aCallContext ? context.call.sent : undefined) ?? { kind: 'first' };
}

/** As many of the last messages as the caller asked for. */
function withHistory(task: Task, length: number | undefined): Task {
  if (length === undefined) return task;
  return { ...task, history: length <= 0 ? [] : task.history.slice(-length) };
}

async function noting<T>(context: ServerCallContext, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    callOf(context).noteStoreError(error);
    throw error;
  }
}

/** What this replica says of a task, or, where it knows none, what is known of it elsewhere. */
async function orElsewhere(here: Promise<Task>, context: ServerCallContext, elsewhere: (call: A2aCall) => Promise<Task | undefined>): Promise<Task> {
  try {
    return await here;
  } catch (error) {
    if (!(error instanceof TaskNotFoundError)) throw error;
    const task = await noting(context, elsewhere(callOf(context).call));
    if (task === undefined) throw error;
    return task;
  }
}

/** The protocol's own handler, but for messages that were sent before, which are answered with the task that came of them, and for tasks of other replicas. */
export class OnceRequestHandler extends DefaultRequestHandler {
  readonly #shared: SharedTasks;

  constructor({ card, clock, executor, buses, messages, shared, toStop }: OnceOptions) {
    const onSaved = async (task: Task, context: ServerCallContext): Promise<void> => {
      const sent = sentOf(context);
      if (sent.kind !== 'first') return;
      // A store that did not take the message is not waited for again.
      if (sent.name !== undefined) await shared.saved(task, callOf(context).call.principal);
      toStop.begun();
      await messages.saved(task, sent);
    };
    const list = async (params: ListTasksRequest, context: ServerCallContext): Promise<ListTasksResponse> => await shared.list(params, callOf(context).call.principal);
    super(card, createTaskStore({ clock, onSaved, list }), executor, buses);
    this.#shared = shared;
  }

  override async getTask(params: GetTaskRequest, context: ServerCallContext): Promise<Task> {
    const task = await orElsewhere(super.getTask(params, context), context, async ({ principal }) => await this.#shared.find(params.id, principal));
    return withHistory(task, params.historyLength);
  }

  override async listTasks(params: ListTasksRequest, context: ServerCallContext): Promise<ListTasksResponse> {
    return await noting(context, super.listTasks(params, context));
  }

  override async cancelTask(params: CancelTaskRequest, context: ServerCallContext): Promise<Task> {
    return await orElsewhere(super.cancelTask(params, context), context, async ({ principal, over }) => await this.#shared.cancel(params.id, principal, over));
  }

  override async *resubscribe(params: SubscribeToTaskRequest, context: ServerCallContext): AsyncGenerator<StreamResponse, void, undefined> {
    try {
      return yield* super.resubscribe(params, context);
    } catch (error) {
      if (!(error instanceof TaskNotFoundError)) throw error;
    }
    const { principal, over } = callOf(context).call;
    yield* this.#shared.follow(params.id, principal, over);
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
