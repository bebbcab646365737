import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readAnnouncements, readAnswer } from './answer.ts';
import { PrometheusError } from './prometheus-error.ts';

const vector = (result: unknown, more: object = {}) => JSON.stringify({ status: 'success', data: { resultType: 'vector', result }, ...more });

describe('an answer of the HTTP API', () => {
  test('is its series, NaN and infinity among them', () => {
    const samples = readAnswer(200, vector([
      { metric: { __name__: 'a', pod: 'p' }, value: [1700000000.5, '12'] },
      { metric: {}, value: [1700000000.5, 'NaN'] },
      { metric: {}, value: [1700000000.5, '+Inf'] },
      { metric: {}, value: [1700000000.5, 'twelve'] },
    ]));
    expect(samples.map(({ value }) => value)).toEqual([12, NaN, Infinity, NaN]);
    expect([samples[0]?.labels.get('pod'), samples[0]?.evaluatedAt]).toEqual(['p', 1700000000.5]);
  });

  test.each<[string, number, string, string]>([
    ['an error with status 400', 400, '{"status":"error","errorType":"bad_data","error":"parse error"}', 'it refused the query: bad_data: parse error'],
    ['an error with status 200', 200, '{"status":"error","errorType":"execution","error":"too many samples"}', 'it refused the query: execution: too many samples'],
    ['401', 401, 'Unauthorized', 'it answered with status 401: check the bearer token'],
    ['403', 403, '', 'it answered with status 403: check the bearer token'],
    ['a redirect', 302, '', 'it answered with status 302'],
    ['a page of HTML with status 200', 200, '<html>', "its answer is not that of Prometheus' HTTP API: check the URL"],
    ['other JSON', 200, '{"ok":true}', "its answer is not that of Prometheus' HTTP API: check the URL"],
    ['series without values', 200, vector([{ metric: {} }]), 'the query returns a histogram; write one that returns counters'],
    ['broken series', 200, vector([{ metric: {}, value: 'x' }]), "its answer is not that of Prometheus' HTTP API: check the URL"],
    ['a matrix', 200, JSON.stringify({ status: 'success', data: { resultType: 'matrix', result: [] } }), 'the query returns a matrix; write one that returns an instant vector'],
    ['a part of the series only', 200, vector([], { warnings: ['store unreachable'] }), 'its answer may be incomplete: store unreachable'],
  ])('is none when it is %s', (_, status, text, message) => {
    expect(() => readAnswer(status, text)).toThrow(new PrometheusError(message));
  });

  test('is never taken for one when it is any other text', () => {
    fc.assert(fc.property(fc.integer({ min: 100, max: 599 }), fc.string(), (status, text) => {
      expect(() => readAnswer(status, text)).toThrow(PrometheusError);
    }));
  });
});

describe('what targets announce', () => {
  const metadata = (type: unknown) => JSON.stringify({ status: 'success', data: [{ target: { pod: 'p', job: 'agents' }, type, help: '', unit: '' }] });

  test('is told with the labels of each', () => {
    expect(readAnnouncements(200, metadata('counter'))).toEqual([{ labels: new Map([['pod', 'p'], ['job', 'agents']]), type: 'counter' }]);
  });

  test('is nothing where no target has the metric', () => {
    expect(readAnnouncements(404, '{"status":"error","errorType":"not_found","error":"specified metadata not found"}')).toEqual([]);
  });

  test.each<[string, number, string]>([
    ['a server that has no such page', 404, '404 page not found'],
    ['an error', 400, '{"status":"error","errorType":"bad_data","error":"invalid"}'],
    ['other JSON', 200, '{"status":"success","data":{}}'],
    ['a type that is none', 200, metadata(7)],
    ['a status that is not 200', 500, metadata('counter')],
  ])('is not told by %s', (_, status, text) => {
    expect(() => readAnnouncements(status, text)).toThrow(PrometheusError);
  });
});
