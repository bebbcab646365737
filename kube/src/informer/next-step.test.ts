import { describe, expect, it } from 'vitest';
import { KubeError, type KubeErrorDetails } from '../kube-error.ts';
import { afterWatch, type EndedWatch } from './next-step.ts';

function ended(failure: Partial<KubeErrorDetails> | undefined, rest: Partial<EndedWatch> = {}) {
  return afterWatch({ failure: failure && new KubeError({ code: 0, reason: 'Network', message: 'm', ...failure }), life: 'short', heard: 'something', failedBefore: 0, ...rest });
}

describe('afterWatch', () => {
  it('watches on after a clean end, at once only when the watch had lived', () => {
    expect(ended(undefined, { life: 'sound' })).toMatchObject({ next: 'watch', pace: 'at once', tell: 'silent' });
    expect(ended(undefined)).toMatchObject({ next: 'watch', pace: 'backoff' });
  });

  it.each([{ code: 410, reason: 'Gone' }, { code: 410, reason: 'Expired' }])('lists after %o, which is nobody\'s fault', (failure) => {
    expect(ended(failure, { life: 'sound' })).toMatchObject({ next: 'list', pace: 'at once', tell: 'silent' });
  });

  it.each(['Malformed', 'LineTooLong', 'OutOfOrder'])('lists with a pause when the stream cannot be believed: %s', (reason) => {
    expect(ended({ reason }, { life: 'sound' })).toMatchObject({ next: 'list', pace: 'backoff', tell: 'tell' });
  });

  it('lists when the server does not know the version yet, as after a restored backup', () => {
    expect(ended({ code: 504, reason: 'Timeout', causes: [{ reason: 'ResourceVersionTooLarge' }] })).toMatchObject({ next: 'list', pace: 'backoff' });
  });

  it('watches on after silence or a reset', () => {
    expect(ended({ reason: 'Stalled' }, { life: 'sound' })).toMatchObject({ next: 'watch', pace: 'at once', tell: 'tell' });
    expect(ended({ reason: 'Network' }, { life: 'sound' })).toMatchObject({ next: 'watch', pace: 'backoff' });
    expect(afterWatch({ failure: new TypeError('x'), life: 'sound', heard: 'something', failedBefore: 3 })).toMatchObject({ next: 'watch', pace: 'backoff', failed: 0 });
  });

  it('lists after a silence from the very start: the server may not know the version', () => {
    expect(ended({ reason: 'Stalled' }, { life: 'sound', heard: 'nothing' })).toMatchObject({ next: 'list', pace: 'at once' });
  });

  it('waits as the server asks, and lists after five answers in a row that failed', () => {
    expect(ended({ code: 429, reason: 'TooManyRequests', retryAfterMs: 7000 })).toMatchObject({ next: 'watch', pace: 'backoff', retryAfterMs: 7000, failed: 1 });
    expect(ended({ code: 500, reason: 'InternalError' }, { failedBefore: 3 })).toMatchObject({ next: 'watch', failed: 4 });
    expect(ended({ code: 504, reason: 'Timeout' }, { failedBefore: 4 })).toMatchObject({ next: 'list', failed: 5 });
  });
});
