import { expect, test } from 'vitest';
import { KubeError } from '@sluice/kube';
import { mayRetry } from '../../kube/src/transport/retry.ts';
import type { TransportRequest } from '../../kube/src/transport/request.ts';
import { readDocument } from './examples.ts';
import { tableRows } from './markdown-table.ts';

const { signal } = new AbortController();
const base = { path: '/', signal };
/** In the order of the table's columns. */
const COLUMNS: readonly (readonly TransportRequest[])[] = [
  [{ ...base, method: 'GET' }],
  [{ ...base, method: 'PUT' }, { ...base, method: 'DELETE' }, { ...base, method: 'PATCH', repeat: 'idempotent' }],
  [{ ...base, method: 'POST' }, { ...base, method: 'PATCH' }],
];

/** By the first words of a row, the answers that it speaks of. */
const ANSWERS: Readonly<Record<string, readonly KubeError[]>> = {
  '429': [failure(429), failure(429, 1_000)],
  '401': [failure(401)],
  '503 with `Retry-After`': [failure(503, 1_000)],
  'no answer (connection)': [failure(0)],
  '500, 502, 504, 503 without `Retry-After`': [500, 502, 504, 503].map((code) => failure(code)),
  '409, 422, other 4xx': [409, 422, 400, 403, 404, 405, 406, 410, 413, 415].map((code) => failure(code)),
};

const RETRIES: Readonly<Record<string, number>> = { yes: 4, once: 1, twice: 2, no: 0 };

function failure(code: number, retryAfterMs?: number): KubeError {
  return new KubeError({ code, reason: code === 0 ? 'Network' : 'X', message: 'x', retryAfterMs });
}

/** How often a request is sent again when it fails in the same way each time. */
function retries(error: KubeError, request: TransportRequest): number {
  let attempt = 1;
  while (mayRetry(error, request, attempt)) attempt += 1;
  return attempt - 1;
}

test('the table of docs/errors.md says what the transport sends again', async () => {
  const rows = tableRows(await readDocument('docs/errors.md')).filter(([answer = '']) => Object.hasOwn(ANSWERS, answer));
  expect(rows.map(([answer = '']) => answer).toSorted()).toEqual(Object.keys(ANSWERS).toSorted());
  for (const [answer = '', ...cells] of rows) {
    COLUMNS.forEach((requests, column) => {
      const said = RETRIES[/^\w+/.exec(cells[column] ?? '')?.[0] ?? ''];
      const done = (ANSWERS[answer] ?? []).flatMap((error) => requests.map((request) => retries(error, request)));
      expect(done, `${answer}, column ${column}`).toEqual(done.map(() => said));
    });
  }
});

test('a deadline that passed and a cancelled call are never sent again', () => {
  for (const reason of ['Timeout', 'Cancelled', 'Malformed', 'Config']) {
    const error = new KubeError({ code: 0, reason, message: 'x' });
    expect([reason, ...COLUMNS.flat().map((request) => retries(error, request))]).toEqual([reason, 0, 0, 0, 0, 0, 0]);
  }
});
