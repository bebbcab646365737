import { describe, expect, it } from 'vitest';
import { Redactor } from './redaction.ts';
import { type Answer, statusError, statusEventError } from './status-error.ts';

function answered(part: Partial<Answer>) {
  return statusError({ code: 500, method: 'GET', path: '/api/v1/pods', body: '', headers: {}, nowMs: 1_700_000_000_000, redactor: new Redactor(() => []), ...part });
}

describe('statusError', () => {
  it('takes message, reason and causes from a Status', () => {
    const causes = [{ reason: 'FieldValueInvalid', message: 'must be positive', field: 'spec.replicas' }];
    const error = answered({ code: 422, body: JSON.stringify({ kind: 'Status', message: 'bad', reason: 'Invalid', details: { causes } }) });
    expect(error).toMatchObject({ code: 422, reason: 'Invalid', message: 'bad (GET /api/v1/pods: 422 Invalid)', causes });
  });

  it('takes the token that a list may go on with, if there is one', () => {
    const body = (metadata: unknown) => JSON.stringify({ kind: 'Status', reason: 'Expired', message: 'too old', metadata });
    expect(answered({ code: 410, body: body({ continue: 'fresh' }) })).toMatchObject({ code: 410, reason: 'Expired', freshContinue: 'fresh' });
    for (const metadata of [{}, { continue: '' }, { continue: 7 }, null, undefined]) expect(answered({ code: 410, body: body(metadata) }).freshContinue).toBeUndefined();
    expect(answered({ code: 410, body: body({ continue: 'a-s3cret' }), redactor: new Redactor(() => ['s3cret']) }).freshContinue).not.toContain('s3cret');
  });

  it('quotes only the start of anything else', () => {
    const error = answered({ code: 502, body: `<html>${'x'.repeat(5000)}` });
    expect(error.message.length).toBeLessThan(300);
    expect(error.reason).toBe('Unknown');
  });

  it('explains an empty answer', () => {
    expect(answered({ code: 503 }).message).toBe('no explanation (GET /api/v1/pods: 503 ServiceUnavailable)');
  });

  it.each([
    ['7', undefined, 7000], [undefined, 3, 3000], ['Tue, 14 Nov 2023 22:13:25 GMT', undefined, 5000], [undefined, undefined, undefined], ['soon', undefined, undefined],
  ])('reads Retry-After %j and retryAfterSeconds %j', (retryAfter, retryAfterSeconds, expected) => {
    const body = JSON.stringify({ kind: 'Status', details: retryAfterSeconds === undefined ? {} : { retryAfterSeconds } });
    expect(answered({ code: 429, body, headers: { 'retry-after': retryAfter } }).retryAfterMs).toBe(expected);
  });

  it('counts a date from the server\'s clock, and believes no wait above ten minutes', () => {
    const headers = { 'retry-after': 'Tue, 14 Nov 2023 22:13:25 GMT', date: 'Tue, 14 Nov 2023 22:13:15 GMT' };
    expect(answered({ code: 429, headers, nowMs: 0 }).retryAfterMs).toBe(10_000);
    expect(answered({ code: 429, headers: { 'retry-after': headers['retry-after'] }, nowMs: 0 }).retryAfterMs).toBe(600_000);
    expect(answered({ code: 429, headers: { 'retry-after': '999999' } }).retryAfterMs).toBe(600_000);
    expect(answered({ code: 429, headers: { ...headers, date: 'Tue, 14 Nov 2023 22:13:30 GMT' } }).retryAfterMs).toBe(0);
  });

  it('redacts a credential that the answer repeats', () => {
    const body = JSON.stringify({ kind: 'Status', message: 'token s3cret is old', details: { causes: [{ message: 's3cret' }] } });
    const error = answered({ code: 401, body, redactor: new Redactor(() => ['s3cret']) });
    expect(JSON.stringify([error.message, error.causes])).not.toContain('s3cret');
  });
});

const asIs = (text: string) => text;

describe('statusEventError', () => {
  it('bears a Status whose fields are of wrong types', () => {
    expect(statusEventError({ code: 'x', reason: {}, message: 5, details: 7 }, at, asIs)).toMatchObject({ code: 500, reason: 'InternalError' });
  });

  const at = { method: 'GET', path: '/api/v1/pods' };

  it('reads the Status of an ERROR event', () => {
    expect(statusEventError({ code: 410, reason: 'Expired', message: 'too old' }, at, asIs)).toMatchObject({ code: 410, reason: 'Expired' });
    expect(statusEventError({ code: 429, details: { retryAfterSeconds: 2 } }, at, asIs).retryAfterMs).toBe(2000);
  });

  it('takes anything else for a server fault', () => {
    expect(statusEventError(undefined, at, asIs)).toMatchObject({ code: 500, reason: 'InternalError' });
  });
});
