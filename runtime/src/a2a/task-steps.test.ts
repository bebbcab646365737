import { TaskState, type Artifact, type Task } from '@a2a-js/sdk';
import { expect, it } from 'vitest';
import { stepsBetween } from './task-steps.ts';

const artifact = (artifactId: string): Artifact => ({ artifactId, name: artifactId, description: '', parts: [], metadata: undefined, extensions: [] });

function task(state: TaskState, artifacts: readonly string[], metadata?: Task['metadata']): Task {
  return { id: 't', contextId: 'c', status: { state, message: undefined, timestamp: undefined }, artifacts: artifacts.map(artifact), history: [], metadata };
}

const told = (before: Task, after: Task): unknown[] => stepsBetween(before, after).map(({ payload }) => (payload?.$case === 'artifactUpdate' ? payload.value.artifact?.artifactId : payload?.$case === 'statusUpdate' ? [payload.value.status?.state, payload.value.metadata] : payload));

it.each<[string, Task, Task, unknown[]]>([
  ['a state', task(TaskState.TASK_STATE_SUBMITTED, []), task(TaskState.TASK_STATE_WORKING, []), [[TaskState.TASK_STATE_WORKING, undefined]]],
  ['the answer with the end', task(TaskState.TASK_STATE_WORKING, []), task(TaskState.TASK_STATE_COMPLETED, ['answer', 'result']), ['answer', 'result', [TaskState.TASK_STATE_COMPLETED, undefined]]],
  ['an artifact that had begun, whole', task(TaskState.TASK_STATE_WORKING, ['answer']), task(TaskState.TASK_STATE_COMPLETED, ['answer']), ['answer', [TaskState.TASK_STATE_COMPLETED, undefined]]],
  ['one that came meanwhile', task(TaskState.TASK_STATE_WORKING, ['answer']), task(TaskState.TASK_STATE_WORKING, ['answer', 'more']), ['more', [TaskState.TASK_STATE_WORKING, undefined]]],
  ['why it was turned away', task(TaskState.TASK_STATE_SUBMITTED, []), task(TaskState.TASK_STATE_REJECTED, [], { problem: { status: 503 } }), [[TaskState.TASK_STATE_REJECTED, { problem: { status: 503 } }]]],
])('a follower is told of %s', (_, before, after, steps) => {
  expect(told(before, after)).toEqual(steps);
});
