import { expect, it } from 'vitest';
import { RequestLog, type RecordedRequest } from './request-log.ts';

const request: Omit<RecordedRequest, 'sequence'> = { requestId: 'r', path: '/v1/messages', model: 'm', stream: false, system: 's', user: 'u', toolNames: [], toolResults: 0, rule: null, latencyMs: 0, outcome: 200 };

it('keeps the newest, counts all and cuts long texts', () => {
  const log = new RequestLog(3);
  for (const user of ['a', 'b', 'c', 'd']) log.add({ ...request, user, system: 'x'.repeat(5000) });
  expect(log.list(10)).toMatchObject({ total: 4, requests: [{ sequence: 2, user: 'b' }, { sequence: 3 }, { sequence: 4, user: 'd' }] });
  expect(log.list(1).requests.map(({ user }) => user)).toEqual(['d']);
  expect(log.list(0).requests).toEqual([]);
  expect(log.list(1).requests[0]?.system).toHaveLength(2000);
  log.clear();
  expect(log.list(10)).toEqual({ total: 0, requests: [] });
});
