import { Task } from '@a2a-js/sdk';
import { defaultIdempotencyLimits } from '../idempotency/idempotency-store.ts';

/** A task as it is kept. One that is too large is told without what it made, so that it is not made again. */
export function taskText(task: Task): string {
  const whole = JSON.stringify(Task.toJSON(task));
  return whole.length <= defaultIdempotencyLimits.maxBodyLength ? whole : JSON.stringify(Task.toJSON({ ...task, artifacts: [], history: [], metadata: { ...task.metadata, artifacts_omitted: true } }));
}

export function taskOfText(text: string): Task {
  return Task.fromJSON(JSON.parse(text));
}
