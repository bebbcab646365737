import { describe, expect, test } from 'vitest';
import { parseExposition } from './exposition.ts';
import { readEvents } from './events.ts';
import { countingOf, metricsOf, type EventCounter } from './selectors.ts';

const objective = (members: object) => ({ name: 'o', ...members });
function counterOf(members: object): EventCounter {
  const [counter] = countingOf([objective(members)]).counters;
  if (counter === undefined) throw new Error('no counter');
  return counter;
}
function read(counter: EventCounter, page: string) {
  return readEvents(parseExposition(page, new Set(metricsOf({ counters: [counter], queries: [], costs: [], latencies: [] }))), counter);
}

describe('the counters of the objectives', () => {
  test('toolErrors: calls that failed of all that ended, of users and of copies; those whose caller left say nothing', () => {
    const page = `sluice_tool_calls_total{tool="a",outcome="success"} 10
sluice_tool_calls_total{tool="b",outcome="error"} 1
sluice_tool_calls_total{tool="b",outcome="timeout"} 2
sluice_tool_calls_total{tool="unknown",outcome="refused"} 3
sluice_tool_calls_total{tool="b",outcome="cancelled"} 99
sluice_mirrored_tool_calls_total{tool="b",outcome="error"} 4
sluice_mirrored_tool_calls_total{tool="b",outcome="success"} 5
`;
    expect(read(counterOf({ toolErrors: {} }), page)).toEqual({ name: 'o', state: 'Counted', bad: 10, total: 25 });
  });

  test('citations: answers without one of all answers', () => {
    const page = 'sluice_answers_total{citation="with"} 7\nsluice_answers_total{citation="without"} 2\nsluice_mirrored_answers_total{citation="with"} 1\n';
    expect(read(counterOf({ citations: {} }), page)).toEqual({ name: 'o', state: 'Counted', bad: 2, total: 10 });
  });

  test('blocked: by any rule, of the requests that were owed an answer', () => {
    const page = `sluice_requests_blocked_by_rule_total{rule="model-refusal"} 2
sluice_requests_blocked_by_rule_total{rule="other"} 1
sluice_requests_total{outcome="success"} 20
sluice_requests_total{outcome="error"} 3
sluice_requests_total{outcome="rejected"} 50
sluice_requests_total{outcome="cancelled"} 50
`;
    expect(read(counterOf({ blocked: {} }), page)).toEqual({ name: 'o', state: 'Counted', bad: 3, total: 23 });
  });

  const tools = counterOf({ counter: { bad: { metric: 'lrs_tool_execution_total', labels: [{ name: 'success', value: 'false' }] }, total: { metric: 'lrs_tool_execution_total' } } });

  test('any counter of the pods, by its labels', () => {
    const page = 'lrs_tool_execution_total{tool="a",success="true"} 8\nlrs_tool_execution_total{tool="a",success="false"} 1\nlrs_tool_execution_total{tool="b",success="false"} 1\n';
    expect(read(tools, page)).toEqual({ name: 'o', state: 'Counted', bad: 2, total: 10 });
  });

  test('no series yet of a value that was never seen is 0', () => {
    expect(read(tools, 'lrs_tool_execution_total{success="true"} 8\n')).toEqual({ name: 'o', state: 'Counted', bad: 0, total: 8 });
  });

  test('a metric that the page announces and has no series of has counted nothing yet: its first event makes the series', () => {
    expect(read(tools, '# TYPE lrs_tool_execution_total counter\n')).toEqual({ name: 'o', state: 'Counted', bad: 0, total: 0 });
    expect(read(tools, '# HELP lrs_tool_execution Another one.\n').state).toBe('Absent');
  });

  test.each([
    ['a histogram, whose samples are called otherwise', '# TYPE lrs_tool_execution_total histogram\nlrs_tool_execution_total_count 8\n'],
    ['a gauge', '# TYPE lrs_tool_execution_total gauge\n'],
    ['help without a type', '# HELP lrs_tool_execution_total Calls, by counter success.\n'],
  ])('what is announced as no counter is missing and never 0: %s', (_what, page) => {
    expect(read(tools, page)).toMatchObject({ name: 'o', state: 'Absent', reason: 'there is no metric lrs_tool_execution_total' });
  });

  test('OpenMetrics announces a counter without the ending of its samples: the name of the announcement alone is written wrongly', () => {
    const orders = counterOf({ counter: { bad: { metric: 'orders_failed' }, total: { metric: 'orders_total' } } });
    expect(read(orders, '# TYPE orders_failed counter\norders_failed_total 7\n# TYPE orders counter\norders_total 9\n# EOF\n')).toMatchObject({ name: 'o', state: 'Absent', reason: 'there is no metric orders_failed (did you mean "orders_failed_total"?)' });
    const meant = counterOf({ counter: { bad: { metric: 'orders_failed_total' }, total: { metric: 'orders_total' } } });
    expect(read(meant, '# TYPE orders_failed counter\n# TYPE orders counter\norders_total 9\n# EOF\n')).toMatchObject({ name: 'o', state: 'Counted', bad: 0, total: 9 });
  });

  test.each([
    ['a metric that is not there', '', 'Absent', 'there is no metric lrs_tool_execution_total'],
    ['a label that no series has', 'lrs_tool_execution_total{ok="false"} 3\n', 'Absent', 'no series of lrs_tool_execution_total has the label success'],
    ['NaN', 'lrs_tool_execution_total{success="false"} NaN\n', 'Damaged', 'lrs_tool_execution_total is NaN, which is no count'],
    ['a negative value', 'lrs_tool_execution_total{success="false"} -1\n', 'Damaged', 'lrs_tool_execution_total is -1, which is no count'],
    ['infinity', 'lrs_tool_execution_total{success="true"} +Inf\nlrs_tool_execution_total{success="false"} 0\n', 'Damaged', 'lrs_tool_execution_total is Infinity, which is no count'],
    ['a rate', 'lrs_tool_execution_total{success="false"} 0.25\n', 'Damaged', 'lrs_tool_execution_total is 0.25, which is no count: a counter of events is a whole number, without rate() and increase()'],
  ])('%s is missing, never good', (_, page, state, reason) => {
    expect(read(tools, page)).toMatchObject({ name: 'o', state, reason });
  });

  test('objectives of requests, latency and cost need no counters; queries are kept apart', () => {
    const counting = countingOf([objective({ successRate: {} }), objective({ latency: { percentile: 95 } }), { ...objective({ cost: {} }), name: 'dollars' }, objective({ query: { bad: 'b', total: 't' } })]);
    expect(counting).toEqual({ counters: [], queries: [{ name: 'o', bad: 'b', total: 't' }], costs: ['dollars'], latencies: ['o'] });
  });

  test.each<[string, object, string, string, string | undefined]>([
    ['of our runtime', { metric: 'sluice_tool_calls_totl' }, '', 'there is no metric sluice_tool_calls_totl (did you mean "sluice_tool_calls_total"?)', 'counter.bad.metric'],
    ['without its ending', { metric: 'sluice_tool_calls' }, '', 'there is no metric sluice_tool_calls (did you mean "sluice_tool_calls_total"?)', 'counter.bad.metric'],
    ['of another program, by what its page announces', { metric: 'orders_faild_total' }, '# TYPE orders_failed_total counter\n', 'there is no metric orders_faild_total (did you mean "orders_failed_total"?)', 'counter.bad.metric'],
    ['that is like no other', { metric: 'refunds' }, '# TYPE orders_failed_total counter\n', 'there is no metric refunds', 'counter.bad.metric'],
    ['of a label', { metric: 'orders_total', labels: [{ name: 'state', value: 'lost' }, { name: 'outcom', value: 'error' }] }, 'orders_total{outcome="error",state="lost"} 1\n', 'no series of orders_total has the label outcom (did you mean "outcome"?)', 'counter.bad.labels[1].name'],
  ])('a name %s that is not there is told with its field and the nearest one', (_name, bad, page, reason, field) => {
    expect(read(counterOf({ counter: { bad, total: { metric: 'orders_total' } } }), page)).toMatchObject({ name: 'o', state: 'Absent', reason, field });
  });

  test('what one part counted while the other is not there is told: a part that cannot be read may hold anything', () => {
    const orders = counterOf({ counter: { bad: { metric: 'orders_failed_total' }, total: { metric: 'orders_total' } } });
    expect(read(orders, 'orders_total 70\n')).toMatchObject({ state: 'Absent', seen: { bad: 0, total: 70 } });
    expect(read(orders, 'orders_failed_total 7\n')).toMatchObject({ state: 'Absent', seen: { bad: 7, total: 0 } });
    expect(read(orders, 'orders_total NaN\n')).toMatchObject({ state: 'Damaged', reason: 'orders_total is NaN, which is no count' });
  });

  test('a name that nobody has written has no field, and no other one was meant', () => {
    expect(read(counterOf({ citations: {} }), '# TYPE sluice_answer_total counter\n')).toEqual({ name: 'o', state: 'Absent', reason: 'there is no metric sluice_answers_total' });
  });
});
