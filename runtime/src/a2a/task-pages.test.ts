import { ListTasksRequest, TaskState } from '@a2a-js/sdk';
import { expect, it } from 'vitest';
import { listOf, pageTokenOf, taskQueryOf } from './task-pages.ts';

const request = (members: object = {}): ListTasksRequest => ListTasksRequest.fromJSON(members);
const below = { statusAt: 1_700_000_000_000, id: 'a|b' };

it.each<[string, object, object]>([
  ['nothing', {}, { limit: 50 }],
  ['a size', { pageSize: 3 }, { limit: 3 }],
  ['a context', { contextId: 'c' }, { limit: 50, contextId: 'c' }],
  ['a state', { status: 'TASK_STATE_WORKING' }, { limit: 50, status: 'TASK_STATE_WORKING' }],
  ['no state in particular', { status: 'TASK_STATE_UNSPECIFIED' }, { limit: 50 }],
  ['a time', { statusTimestampAfter: '2026-01-01T00:00:00Z' }, { limit: 50, after: Date.UTC(2026, 0, 1) }],
  ['the page that follows', { pageToken: pageTokenOf(below) }, { limit: 50, below }],
])('a list that asks for %s', (_, asked, query) => {
  expect(taskQueryOf(request(asked))).toEqual(query);
});

it.each(['x', Buffer.from('12|').toString('base64url'), Buffer.from('-1|t').toString('base64url'), Buffer.from('1e3|t').toString('base64url')])('a token that nobody gave is refused: %s', (pageToken) => {
  expect(() => taskQueryOf(request({ pageToken }))).toThrow(/params.pageToken is none that this agent gave/);
});

it('an answer has the artifacts where they are asked for, and the token of the next page', () => {
  const body = JSON.stringify({ id: 't', contextId: 'c', status: { state: 'TASK_STATE_COMPLETED' }, artifacts: [{ artifactId: 'answer', parts: [{ text: 'Yes.' }] }] });
  const page = { bodies: [body], total: 7, next: below };
  expect(listOf(page, request({ pageSize: 1 }))).toMatchObject({ tasks: [{ id: 't', status: { state: TaskState.TASK_STATE_COMPLETED }, artifacts: [] }], pageSize: 1, totalSize: 7, nextPageToken: pageTokenOf(below) });
  expect(listOf({ bodies: [body], total: 1 }, request({ includeArtifacts: true }))).toMatchObject({ tasks: [{ artifacts: [{ artifactId: 'answer' }] }], pageSize: 50, nextPageToken: '' });
});
