import { describe, expect, it } from 'vitest';
import {
  isAlreadyExists, isCancelled, isConflict, isForbidden, isGone, isInvalid, isNotFound, isTooManyRequests, isTransient, isUnauthorized, KubeError,
} from './kube-error.ts';

function failure(code: number, reason: string): KubeError {
  return new KubeError({ code, reason, message: 'm' });
}

describe('predicates', () => {
  it.each([
    [isNotFound, 404, 'NotFound'], [isConflict, 409, 'Conflict'], [isAlreadyExists, 409, 'AlreadyExists'], [isGone, 410, 'Gone'], [isGone, 410, 'Expired'],
    [isTooManyRequests, 429, 'TooManyRequests'], [isForbidden, 403, 'Forbidden'], [isInvalid, 422, 'Invalid'], [isUnauthorized, 401, 'Unauthorized'],
    [isCancelled, 0, 'Cancelled'], [isTransient, 0, 'Network'], [isTransient, 0, 'Timeout'], [isTransient, 503, 'ServiceUnavailable'], [isTransient, 429, 'TooManyRequests'],
  ])('%o knows %i %s', (predicate, code, reason) => {
    expect(predicate(failure(code, reason))).toBe(true);
  });

  it('tells a taken name from a lost race', () => {
    expect(isConflict(failure(409, 'AlreadyExists'))).toBe(false);
    expect(isAlreadyExists(failure(409, 'Conflict'))).toBe(false);
  });

  it('does not call a cancelled call, a configuration fault or a refusal transient', () => {
    for (const error of [failure(0, 'Cancelled'), failure(0, 'Config'), failure(422, 'Invalid'), new Error('other')]) expect(isTransient(error)).toBe(false);
  });
});

describe('KubeError', () => {
  it('keeps its cause and has none when there is none', () => {
    const cause = new Error('socket');
    expect(new KubeError({ code: 0, reason: 'Network', message: 'm', cause }).cause).toBe(cause);
    expect('cause' in failure(404, 'NotFound')).toBe(false);
  });
});
