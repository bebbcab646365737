import { Role, TaskState, type Artifact, type Message, type Part } from '@a2a-js/sdk';
import { AgentEvent, type AgentExecutionEvent } from '@a2a-js/sdk/server';
import type { InvokeResponse } from '../server/contract.ts';
import type { ProblemFacts } from '../server/problem.ts';

/** What the events of one task share. */
export interface TaskFacts {
  readonly taskId: string;
  readonly contextId: string;
  /** What the task was asked. */
  readonly asked: Message;
  /** The time of day as RFC 3339. */
  readonly timestamp: () => string;
  readonly newId: () => string;
}

/** The artifacts of a task: what was answered, and what the answer rests on. */
export const answerArtifact = 'answer';
export const resultArtifact = 'result';

function textPart(value: string): Part {
  return { content: { $case: 'text', value }, metadata: undefined, filename: '', mediaType: 'text/plain' };
}

function dataPart(value: object): Part {
  return { content: { $case: 'data', value }, metadata: undefined, filename: '', mediaType: 'application/json' };
}

function artifact(artifactId: string, part: Part): Artifact {
  return { artifactId, name: artifactId, description: '', parts: [part], metadata: undefined, extensions: [] };
}

export function submitted({ taskId, contextId, asked, timestamp }: TaskFacts): AgentExecutionEvent {
  const status = { state: TaskState.TASK_STATE_SUBMITTED, message: undefined, timestamp: timestamp() };
  return AgentEvent.task({ id: taskId, contextId, status, artifacts: [], history: [asked], metadata: undefined });
}

/** `text` is told to the caller with the state; `metadata` stays with the task. */
export function stateOf(facts: TaskFacts, state: TaskState, told: { readonly text?: string; readonly metadata?: Record<string, unknown> } = {}): AgentExecutionEvent {
  const { taskId, contextId, timestamp, newId } = facts;
  const message: Message | undefined =
    told.text === undefined ? undefined : { messageId: newId(), contextId, taskId, role: Role.ROLE_AGENT, parts: [textPart(told.text)], metadata: undefined, extensions: [], referenceTaskIds: [] };
  return AgentEvent.statusUpdate({ taskId, contextId, status: { state, message, timestamp: timestamp() }, metadata: told.metadata });
}

export interface AnswerPiece {
  readonly text: string;
  /** `begin`: in place of what was sent of the answer before. */
  readonly mode: 'begin' | 'continue';
  readonly place: 'middle' | 'last';
}

export function answerPiece({ taskId, contextId }: TaskFacts, { text, mode, place }: AnswerPiece): AgentExecutionEvent {
  return AgentEvent.artifactUpdate({ taskId, contextId, artifact: artifact(answerArtifact, textPart(text)), append: mode === 'continue', lastChunk: place === 'last', metadata: undefined });
}

/** Everything of a response but its answer. */
export function resultOf({ taskId, contextId }: TaskFacts, response: InvokeResponse): AgentExecutionEvent {
  const { answer: _, ...rest } = response;
  return AgentEvent.artifactUpdate({ taskId, contextId, artifact: artifact(resultArtifact, dataPart(rest)), append: false, lastChunk: true, metadata: undefined });
}

/** The state in which a response leaves its task. */
export function endOf(facts: TaskFacts, response: InvokeResponse): AgentExecutionEvent {
  if (response.status !== 'error') return stateOf(facts, TaskState.TASK_STATE_COMPLETED);
  const state = response.blocked_by_rule === undefined ? TaskState.TASK_STATE_FAILED : TaskState.TASK_STATE_REJECTED;
  return stateOf(facts, state, { text: response.answer });
}

function stateOfProblem({ outcome }: ProblemFacts): TaskState {
  if (outcome === 'cancelled') return TaskState.TASK_STATE_CANCELED;
  return outcome === 'overloaded' || outcome === 'rejected' ? TaskState.TASK_STATE_REJECTED : TaskState.TASK_STATE_FAILED;
}

/** The state in which an error leaves its task: rejected when the agent never began, so that it may be asked again. */
export function endOfProblem(facts: TaskFacts, problem: ProblemFacts, requestId: string): AgentExecutionEvent {
  const { slug, status, title, detail, retryAfterSeconds } = problem;
  const metadata = { problem: { type: `urn:sluice:problem:${slug}`, status, request_id: requestId, ...(retryAfterSeconds === undefined ? {} : { retry_after_seconds: retryAfterSeconds }) } };
  return stateOf(facts, stateOfProblem(problem), { text: `${title}: ${detail}`, metadata });
}
