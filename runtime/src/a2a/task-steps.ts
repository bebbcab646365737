import type { StreamResponse, Task } from '@a2a-js/sdk';
import { hasEnded } from './task-store.ts';

/** What tells a follower who has `before` of `after`: artifacts that came, each whole, and then the state. An artifact that was sent before its task had ended is sent again with the end, in its place. */
export function stepsBetween(before: Task, after: Task): readonly StreamResponse[] {
  const { id: taskId, contextId, metadata } = after;
  const had = new Set(hasEnded(after) ? [] : before.artifacts.map(({ artifactId }) => artifactId));
  const artifacts = after.artifacts.filter(({ artifactId }) => !had.has(artifactId));
  return [
    ...artifacts.map((artifact): StreamResponse => ({ payload: { $case: 'artifactUpdate', value: { taskId, contextId, artifact, append: false, lastChunk: true, metadata: undefined } } })),
    { payload: { $case: 'statusUpdate', value: { taskId, contextId, status: after.status, metadata } } },
  ];
}
