import { describe, expect, it } from 'vitest';
import { FakeClock } from '../clock-fake.ts';
import { KubeError } from '../kube-error.ts';
import { StreamingSupport } from './streaming-support.ts';

function failure(code: number, reason: string): KubeError {
  return new KubeError({ code, reason, message: 'm' });
}

describe('StreamingSupport', () => {
  it.each([[422, 'Invalid'], [400, 'BadRequest'], [405, 'MethodNotAllowed'], [0, 'StreamingNotOffered'], [0, 'Stalled']])('takes %i %s for a refusal and asks again after an hour', async (code, reason) => {
    const clock = new FakeClock();
    const support = new StreamingSupport(clock);
    expect([support.worthTrying(), support.notWorked(failure(code, reason)), support.worthTrying()]).toEqual([true, 'refused', false]);
    await clock.advance(3_599_000);
    expect(support.worthTrying()).toBe(false);
    await clock.advance(2_000);
    expect(support.worthTrying()).toBe(true);
  });

  it.each([[0, 'Network'], [403, 'Forbidden'], [429, 'TooManyRequests'], [500, 'InternalError'], [504, 'Timeout']])('takes %i %s for a passing fault, and pages once after two in a row', (code, reason) => {
    const support = new StreamingSupport(new FakeClock());
    expect([support.notWorked(failure(code, reason)), support.worthTrying()]).toEqual(['failed', true]);
    expect([support.notWorked(failure(code, reason)), support.worthTrying(), support.worthTrying()]).toEqual(['failed', false, true]);
  });

  it('forgets faults after a list that worked', () => {
    const support = new StreamingSupport(new FakeClock());
    support.notWorked(undefined);
    support.worked();
    support.notWorked(undefined);
    expect(support.worthTrying()).toBe(true);
  });
});
