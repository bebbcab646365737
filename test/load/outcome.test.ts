import { describe, expect, it } from 'vitest';
import { judgeError, judgeResponse } from './outcome.ts';

const good = { request_id: 'r-1', status: 'success', answer: 'Yes.', evidence: [], policy_version: 'p1' };
const response = (body: unknown, status = 200): { status: number; contentType: string; body: string } => ({ status, contentType: 'application/json; charset=utf-8', body: typeof body === 'string' ? body : JSON.stringify(body) });
const stream = (body: string): { status: number; contentType: string; body: string } => ({ status: 200, contentType: 'text/event-stream', body });

describe('judgeResponse', () => {
  it.each([
    ['the contract', response(good)],
    ['with more fields', response({ ...good, usage: { tokens: 3 } })],
    ['a stream with a result', stream(`event: delta\ndata: {"text":"Y"}\n\nevent: result\ndata: ${JSON.stringify(good)}\n\n`)],
    ['a stream that says done after it', stream(`: ping\r\n\r\ndata: ${JSON.stringify(good)}\r\n\r\ndata: [DONE]\r\n\r\n`)],
  ])('accepts %s', (_name, received) => {
    expect(judgeResponse(received, 'r-1')).toEqual({ ok: true });
  });

  it.each([
    ['http_503', response('overloaded', 503)],
    ['http_404', response(good, 404)],
    ['bad_body', response('<html>')],
    ['bad_body', response({ ...good, answer: undefined })],
    ['bad_body', response({ ...good, evidence: 'none' })],
    ['bad_body', response({ ...good, request_id: 'r-2' })],
    ['bad_body', response('')],
    ['status_not_success', response({ ...good, status: 'error' })],
    ['stream_error', stream('event: error\ndata: {"message":"boom"}\n\n')],
    ['stream_incomplete', stream('event: delta\ndata: {"text":"Y"}\n\n')],
    ['stream_incomplete', stream('')],
    ['status_not_success', stream(`data: ${JSON.stringify({ ...good, status: 'blocked' })}\n\n`)],
    ['bad_body', stream(`data: ${JSON.stringify({ ...good, request_id: 'r-2' })}\n\n`)],
  ])('%s', (reason, received) => {
    expect(judgeResponse(received, 'r-1')).toMatchObject({ ok: false, reason });
  });

  it('bounds the detail', () => {
    expect(judgeResponse(response('x'.repeat(10_000), 500), 'r-1')).toMatchObject({ detail: 'x'.repeat(200) });
  });
});

describe('judgeError', () => {
  it.each([
    ['ECONNREFUSED', 'connection_refused'],
    ['ECONNRESET', 'connection_reset'],
    ['ENOTFOUND', 'name_not_resolved'],
    ['EHOSTUNREACH', 'unreachable'],
    ['DEADLINE', 'timeout'],
    ['EPROTO', 'connection_error'],
  ])('%s is %s', (code, reason) => {
    expect(judgeError(Object.assign(new Error('x'), { code }))).toEqual({ ok: false, reason, detail: 'x' });
  });

  it('takes anything that was thrown', () => {
    expect(judgeError('odd')).toEqual({ ok: false, reason: 'connection_error', detail: 'odd' });
    expect(judgeError(Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }))).toEqual({ ok: false, reason: 'connection_refused', detail: 'ECONNREFUSED' });
  });
});
