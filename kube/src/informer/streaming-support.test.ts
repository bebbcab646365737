import { describe, expect, it } from 'vitest';
import { FakeClock } from '../clock-fake.ts';
import { KubeError } from '../kube-error.ts';
import { StreamingSupport } from './streaming-support.ts';

function failure(code: number, reason: string): KubeError {
  return new KubeError({ code, reason, message: 'm' });
}

describe('StreamingSupport', () => {
  it.each([[422, 'Invalid'], [400, 'BadRequest'], [405, 'MethodNotAllowed'], [0, 'StreamingNotOffered']])('takes %i %s for a refusal and asks again after an hour', async (code, reason) => {
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

  it('takes one that fell silent for a passing fault, two in a row for a refusal, and asks again after an hour', async () => {
    const clock = new FakeClock();
    const support = new StreamingSupport(clock);
    const stalled = failure(0, 'Stalled');
    expect([support.notWorked(stalled), support.worthTrying()]).toEqual(['failed', true]);
    expect([support.notWorked(stalled), support.worthTrying()]).toEqual(['refused', false]);
    await clock.advance(3_599_000);
    expect(support.worthTrying()).toBe(false);
    await clock.advance(2_000);
    expect([support.worthTrying(), support.notWorked(stalled), support.worthTrying()]).toEqual([true, 'failed', true]);
  });

  it.each([
    ['a list that worked', (support: StreamingSupport) => support.worked()],
    ['another fault', (support: StreamingSupport) => void support.notWorked(failure(0, 'Network'))],
  ])('counts silences anew after %s', (_what, between) => {
    const support = new StreamingSupport(new FakeClock());
    support.notWorked(failure(0, 'Stalled'));
    between(support);
    expect(support.notWorked(failure(0, 'Stalled'))).toBe('failed');
  });

  it('forgets faults after a list that worked', () => {
    const support = new StreamingSupport(new FakeClock());
    support.notWorked(undefined);
    support.worked();
    support.notWorked(undefined);
    expect(support.worthTrying()).toBe(true);
  });
});
