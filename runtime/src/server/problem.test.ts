import { expect, it } from 'vitest';
import { WriteInFlight } from '../approvals/write-in-flight.ts';
import { problemOf } from './problem.ts';

it.each([
  [300, 1],
  [4_200, 5],
  [65_000, 5],
])('a write that another try makes for %i ms at most is asked for again after %i s', (milliseconds, seconds) => {
  expect(problemOf(new WriteInFlight(milliseconds))).toMatchObject({ status: 409, slug: 'write-in-flight', retryAfterSeconds: seconds, outcome: 'rejected' });
});
