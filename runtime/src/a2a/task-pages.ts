import { TaskState, taskStateToJSON, type ListTasksRequest, type ListTasksResponse } from '@a2a-js/sdk';
import { RequestMalformedError } from '@a2a-js/sdk/errors';
import type { TaskPage, TaskPlace, TaskQuery } from '../store/tasks/task-records.ts';
import { taskOfText } from './task-text.ts';

/** The library gives one with each list. */
const defaultPageSize = 50;

/** Where the next page begins, as callers hand it back. */
export function pageTokenOf({ statusAt, id }: TaskPlace): string {
  return Buffer.from(`${statusAt}|${id}`).toString('base64url');
}

/** Throws RequestMalformedError. */
function placeOf(pageToken: string): TaskPlace {
  const [, statusAt, id] = /^([0-9]{1,15})\|([^]+)$/.exec(Buffer.from(pageToken, 'base64url').toString('utf8')) ?? [];
  if (statusAt === undefined || id === undefined) throw new RequestMalformedError('params.pageToken is none that this agent gave: send nextPageToken of the page before, or leave it out for the first one');
  return { statusAt: Number(statusAt), id };
}

/** What a list asks of the store. The library has looked at sizes, states and times. Throws RequestMalformedError. */
export function taskQueryOf({ contextId, status, pageSize = defaultPageSize, pageToken, statusTimestampAfter }: ListTasksRequest): TaskQuery {
  return {
    limit: pageSize,
    ...(contextId === '' ? {} : { contextId }),
    ...(status === TaskState.TASK_STATE_UNSPECIFIED ? {} : { status: taskStateToJSON(status) }),
    ...(statusTimestampAfter === undefined || statusTimestampAfter === '' ? {} : { after: Date.parse(statusTimestampAfter) }),
    ...(pageToken === '' ? {} : { below: placeOf(pageToken) }),
  };
}

export function listOf({ bodies, total, next }: TaskPage, { pageSize = defaultPageSize, includeArtifacts = false }: ListTasksRequest): ListTasksResponse {
  const tasks = bodies.map(taskOfText).map((task) => (includeArtifacts ? task : { ...task, artifacts: [] }));
  return { tasks, nextPageToken: next === undefined ? '' : pageTokenOf(next), pageSize, totalSize: total };
}
