import { describe, expect, it } from 'vitest';
import * as errors from './kube-error.ts';
import { isAlreadyExists, isConflict, isNamespaceTerminating, isTransient, KubeError } from './kube-error.ts';

function failure(code: number, reason: string): KubeError {
  return new KubeError({ code, reason, message: 'm' });
}

const predicates = Object.entries(errors).filter(([name]) => name.startsWith('is')).map(([name, predicate]) => [name, predicate as (error: unknown) => boolean] as const);

/** Which predicates hold; the codes and reasons are those of apimachinery's api/errors and meta/v1 StatusReason. */
const table: readonly [number, string, readonly string[]][] = [
  [400, 'BadRequest', ['isBadRequest']],
  [401, 'Unauthorized', ['isUnauthorized']],
  [403, 'Forbidden', ['isForbidden']],
  [404, 'NotFound', ['isNotFound']],
  [405, 'MethodNotAllowed', ['isMethodNotSupported']],
  [406, 'NotAcceptable', ['isNotAcceptable']],
  [409, 'AlreadyExists', ['isAlreadyExists']],
  [409, 'Conflict', ['isConflict']],
  [410, 'Gone', ['isGone']],
  [410, 'Expired', ['isGone']],
  [413, 'RequestEntityTooLarge', ['isRequestEntityTooLarge']],
  [415, 'UnsupportedMediaType', ['isUnsupportedMediaType']],
  [422, 'Invalid', ['isInvalid']],
  [429, 'TooManyRequests', ['isTooManyRequests', 'isTransient']],
  [500, 'InternalError', ['isInternalError', 'isTransient']],
  [500, 'ServerTimeout', ['isServerTimeout', 'isTransient']],
  [502, 'Unknown', ['isTransient']],
  [503, 'ServiceUnavailable', ['isServiceUnavailable', 'isTransient']],
  [504, 'Timeout', ['isTimeout', 'isTransient']],
  [0, 'Timeout', ['isTimeout', 'isTransient']],
  [0, 'Network', ['isNetwork', 'isTransient']],
  [0, 'Cancelled', ['isCancelled']],
  [0, 'Config', ['isConfigError']],
  [0, 'Malformed', ['isMalformed']],
];

describe('predicates', () => {
  it.each(table)('of %i %s', (code, reason, expected) => {
    expect(predicates.filter(([, predicate]) => predicate(failure(code, reason))).map(([name]) => name).toSorted()).toEqual([...expected].toSorted());
  });

  it('are each true of something, and never of what this package did not throw', () => {
    const known = new Set(table.flatMap(([, , names]) => names));
    expect(predicates.map(([name]) => name).filter((name) => !known.has(name))).toEqual(['isNamespaceTerminating']);
    const foreign = Object.assign(new Error('m'), { code: 404, reason: 'NotFound' });
    expect(predicates.filter(([, predicate]) => predicate(foreign) || predicate(undefined))).toEqual([]);
  });

  it('know a namespace that is going', () => {
    const causes = [{ reason: 'NamespaceTerminating', message: 'namespace x is being terminated', field: 'metadata.namespace' }];
    expect(isNamespaceTerminating(new KubeError({ code: 403, reason: 'Forbidden', message: 'm', causes }))).toBe(true);
    expect(isNamespaceTerminating(failure(403, 'Forbidden'))).toBe(false);
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
