import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../platform/clock-fake.ts';
import type { ModelTry } from '../providers/model-client.ts';
import { ModelError, modelFailures } from '../providers/model-error.ts';
import { CallerLeft, Overloaded, RequestTimeout, ShuttingDown } from './problem.ts';
import { followProvider } from './provider-blame.ts';

const limit = 10_000;
const timeout = new RequestTimeout(limit);

/** What happened in the request, with milliseconds between. */
function after(...story: readonly (ModelTry | number)[]) {
  const clock = createFakeClock();
  const blame = followProvider(clock, limit);
  for (const event of story) {
    if (typeof event === 'number') clock.advance(event);
    else blame.onModelTry(event);
  }
  return blame;
}

describe('whose fault the end of a request is', () => {
  it('is told by how the model failed', () => {
    const blamed = modelFailures.filter((failure) => after().causes(new ModelError(failure)));
    expect(blamed).toEqual(['rate_limited', 'overloaded', 'unavailable', 'timeout', 'circuit_open']);
  });

  it.each<[string, boolean, readonly (ModelTry | number)[]]>([
    ['waiting for one answer of the model for most of the time', true, ['begun', 10_000]],
    ['a try that failed, and another under way', true, ['begun', 7_500, 'unavailable', 250, 'begun', 2_250]],
    ['a try that failed, and the wait before the next', true, ['begun', 9_800, 'unavailable', 200]],
    ['an answer late in the time, and little time for the next', false, ['begun', 1_000, 'answered', 6_000, 'begun', 3_000]],
    ['a try that failed before an answer came, then a slow tool', false, ['begun', 500, 'unavailable', 'begun', 500, 'answered', 9_000]],
    ['a queue that took the time', false, [10_000]],
    ['a tool that took the time', false, ['begun', 500, 'answered', 9_500]],
  ])('a request that ran out of time after %s: %s', (_, expected, story) => {
    expect(after(...story).causes(timeout)).toBe(expected);
  });

  it.each([
    ['no error', undefined],
    ['a bug', new Error('bug')],
    ['a caller who left', new CallerLeft()],
    ['a full queue', new Overloaded({ running: 1, queued: 1 })],
    ['a shutdown', new ShuttingDown()],
  ])('is never the provider\'s for %s', (_, error) => {
    expect(after('begun', 10_000, 'unavailable').causes(error)).toBe(false);
  });
});
