import { silentLogger } from '@sluice/kube';
import { FakeClock } from '@sluice/kube/testing';
import { describe, expect, test } from 'vitest';
import type { PodTarget } from '../evidence-source.ts';
import { countingOf } from '../selectors.ts';
import type { PodScrape } from '../window.ts';
import type { Announcement } from './announcements.ts';
import type { VectorSample } from './answer.ts';
import { PrometheusError } from './prometheus-error.ts';
import { PrometheusReader } from './prometheus-reader.ts';

const signal = new AbortController().signal;
const evaluatedAt = 1_700_000_000;
const objective = { name: 'orders', query: { bad: 'BAD', total: 'TOTAL' } };
const both = 'label_replace((BAD\n), "sluice_part", "bad", "", "") or label_replace((TOTAL\n), "sluice_part", "total", "", "")';
const target = (name: string): PodTarget => ({ uid: `uid-${name}`, name, namespace: 'shop', ip: '10.0.0.1', port: 8080, startedAt: 0 });

function series(name: string, value: number, labels: Record<string, string> = {}): VectorSample {
  return { labels: new Map(Object.entries({ __name__: name, namespace: 'shop', pod: 'a', job: 'agents', instance: '10.0.0.1:8080', ...labels })), value, evaluatedAt };
}
const requests = (value: number, labels: Record<string, string> = {}) => series('sluice_requests_total', value, { outcome: 'success', ...labels });
const kept = (samples: number, labels: Record<string, string> = { sluice_kept: 'true' }) => series('scrape_samples_post_metric_relabeling', samples, labels);
const fresh = (ageSeconds: number, pod = 'a') => series('', evaluatedAt - ageSeconds, { pod });

interface Answers {
  readonly values?: readonly VectorSample[] | Error;
  readonly times?: readonly VectorSample[] | Error;
  readonly bad?: readonly VectorSample[] | Error;
  readonly total?: readonly VectorSample[] | Error;
  /** Both queries as one; default: what each answers. */
  readonly together?: Error;
  readonly announced?: readonly Announcement[] | Error;
  /** What is stored of the targets, and all that they announce; default: what is asked for by name, and nothing else. */
  readonly stored?: readonly VectorSample[] | Error;
  readonly all?: readonly Announcement[] | Error;
}

function readerWith({ values = [], times = [fresh(1)], bad = [], total = [], together: refused, announced = [], stored = [kept(0)], all = [] }: Answers) {
  const clock = new FakeClock();
  const asked: string[] = [];
  const inPart = (part: string, samples: readonly VectorSample[]) => samples.map((sample) => ({ ...sample, labels: new Map([...sample.labels, ['sluice_part', part]]) }));
  const together = refused ?? (bad instanceof Error ? bad : total instanceof Error ? total : [...inPart('bad', bad), ...inPart('total', total)]);
  const query = (promql: string): Promise<VectorSample[]> => {
    asked.push(promql);
    const answer = promql.startsWith('count by') ? stored : promql === both ? together : promql.startsWith('timestamp(') ? times : promql === 'BAD' ? bad : promql === 'TOTAL' ? total : values;
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve([...answer]);
  };
  const announcements = (metric: string | undefined, selector: string): Promise<Announcement[]> => {
    asked.push(`${metric ?? 'all'} ${selector}`);
    if (metric === undefined) return all instanceof Error ? Promise.reject(all) : Promise.resolve([...all]);
    return announced instanceof Error ? Promise.reject(announced) : Promise.resolve(metric.endsWith('_total') ? [...announced] : []);
  };
  return { clock, asked, reader: new PrometheusReader({ client: { query, announcements }, clock, logger: silentLogger }) };
}

async function scrapeOf(answers: Answers, objectives: Parameters<typeof countingOf>[0] = []): Promise<PodScrape> {
  const { canary } = await readerWith(answers).reader.read({ stable: [], canary: [target('a')], counting: countingOf(objectives) }, { signal });
  const [scrape] = canary;
  if (scrape === undefined) throw new Error('no scrape');
  return scrape;
}

describe('the series of a pod', () => {
  test('are its counters, as old as its last scrape', async () => {
    const { reader, clock } = readerWith({ values: [requests(7), requests(2, { outcome: 'error' }), requests(99, { pod: 'another' }), requests(99, { namespace: 'other' })], times: [fresh(12)] });
    const { canary: [scrape] } = await reader.read({ stable: [], canary: [target('a')], counting: countingOf([]) }, { signal });
    expect(scrape?.counters?.outcomes).toMatchObject({ success: 7, error: 2 });
    expect(scrape?.at).toBe(clock.now() - 12_000);
  });

  test('of another target in the same pod, a sidecar for example, are not its own', async () => {
    const { counters } = await scrapeOf({ values: [requests(7), series('process_start_time_seconds', 5), series('process_start_time_seconds', 9, { instance: '10.0.0.1:9901', job: 'sidecars' })] });
    expect(counters?.processStart).toBe(5);
  });

  test.each<[string, Answers, string]>([
    ['a pod that Prometheus does not know', { times: [] }, 'Prometheus has no sluice_requests_total with the labels namespace and pod of a pod: check that it scrapes the agents\' pods'],
    ['a pod that is scraped twice', { values: [requests(7), requests(7, { job: 'agents-2' })] }, 'Prometheus scrapes a pod more than once, as job agents, instance 10.0.0.1:8080 and job agents-2, instance 10.0.0.1:8080: keep one of them, or all would count double'],
    ['a pod whose last scrape is old', { values: [requests(7)], times: [fresh(121)] }, 'Prometheus last scraped a pod more than 120 s ago'],
    ['NaN', { values: [requests(NaN)] }, 'sluice_requests_total{outcome="success"} is NaN, which is no count'],
    ['a server that is not there', { values: new PrometheusError('it could not be reached: ECONNREFUSED') }, 'Prometheus: it could not be reached: ECONNREFUSED'],
  ])('%s is missed, and it is said why', async (_, answers, problem) => {
    expect(await scrapeOf(answers)).toMatchObject({ counters: undefined, problem });
  });

  test('are asked for by name of metric, namespace and pod, fifty pods at a time, freshness first', async () => {
    const { reader, asked } = readerWith({});
    const stable = Array.from({ length: 51 }, (_, index) => target(`pod-${index}`));
    const { stable: scrapes } = await reader.read({ stable, canary: [target('my.pod')], counting: countingOf([]) }, { signal });
    expect(scrapes.map((scrape) => scrape.target.name)).toEqual(stable.map(({ name }) => name));
    expect(asked).toHaveLength(4);
    const second = asked.filter((promql) => promql.includes('pod-50'));
    expect(second[0]).toBe('timestamp(sluice_requests_total{namespace=~"shop",pod=~"pod-50|my[.]pod"})');
    expect(second[1]).toMatch(/^\{__name__=~"sluice_requests_total\|.*",namespace=~"shop",pod=~"pod-50\|my\[\.\]pod"\}$/);
  });
});

describe('a query of an objective', () => {
  const counted = (value: number, labels: Record<string, string> = {}) => series('', value, labels);
  const eventsOf = async (answers: Answers) => (await scrapeOf({ values: [requests(1)], ...answers }, [objective])).counters?.events?.[0];

  test('is counted by pod', async () => {
    expect(await eventsOf({ bad: [counted(1), counted(5, { pod: 'b' })], total: [counted(4), counted(9, { pod: 'b' })] })).toEqual({ name: 'orders', origin: 'Query', state: 'Counted', bad: 1, total: 4 });
  });

  test('is asked for with its total, so that both are of the same scrapes', async () => {
    const { reader, asked } = readerWith({ values: [requests(1)], bad: [counted(3)], total: [counted(3)] });
    const { canary: [scrape] } = await reader.read({ stable: [], canary: [target('a')], counting: countingOf([objective]) }, { signal });
    expect(scrape?.counters?.events?.[0]).toMatchObject({ state: 'Counted', bad: 3, total: 3 });
    expect(asked.filter((promql) => promql.includes('BAD') || promql.includes('TOTAL'))).toEqual([both]);
  });

  test('whose total cannot be asked for with it is missing, though each has an answer alone', async () => {
    const { reader } = readerWith({ values: [requests(1)], bad: [counted(1)], total: [counted(2)], together: new PrometheusError('it refused the query') });
    const { canary: [scrape] } = await reader.read({ stable: [], canary: [target('a')], counting: countingOf([objective]) }, { signal });
    expect(scrape?.counters?.events?.[0]).toMatchObject({ state: 'Damaged', reason: 'query.bad: Prometheus: it refused the query' });
  });

  const noPod = { labels: new Map([['job', 'x']]), value: 1, evaluatedAt };
  test.each<[string, Answers, string]>([
    ['returns nothing', { bad: [], total: [counted(4)] }, 'query.bad returns nothing: check the names in it'],
    ['returns nothing for the pod', { bad: [counted(0, { pod: 'b' })], total: [counted(4)] }, 'query.bad returns no series for a pod: let it return 0 where there is nothing, for example sum by (pod) (bad_total) or 0 * sum by (pod) (all_total)'],
    ['returns no label pod', { bad: [counted(0)], total: [noPod] }, 'query.total returns no series with the label pod: write sum by (pod) (...)'],
    ['returns a pod of another namespace', { bad: [counted(0, { namespace: 'other' })], total: [counted(4)] }, 'query.bad returns no series for a pod: let it return 0'],
    ['returns many series for a pod', { bad: [counted(0), counted(1, { code: '5' })], total: [counted(4)] }, 'query.bad returns 2 series for a pod: write sum by (pod) (...)'],
    ['returns NaN', { bad: [counted(NaN)], total: [counted(4)] }, 'query.bad is NaN, which is no count'],
    ['returns a rate', { bad: [counted(0.5)], total: [counted(4)] }, 'query.bad is 0.5, which is no count: a counter of events is a whole number, without rate() and increase()'],
    ['is refused', { bad: [counted(0)], total: new PrometheusError('it refused the query: bad_data: parse error') }, 'query.total: Prometheus: it refused the query: bad_data: parse error'],
  ])('that %s is missing, never good', async (_, answers, reason) => {
    const reading = await eventsOf(answers);
    expect(reading?.state).toBe('Damaged');
    expect((reading as { reason: string }).reason).toContain(reason);
  });
});

describe('a counter without a series', () => {
  const failed = { name: 'failed', counter: { bad: { metric: 'orders_failed_total' }, total: { metric: 'orders_total' } } };
  const whole = [requests(7), series('orders_total', 5), series('scrape_samples_scraped', 9), series('scrape_samples_post_metric_relabeling', 9)];
  const announced: Announcement[] = [{ labels: series('', 0).labels, type: 'counter' }];
  const readingOf = async (answers: Answers) => (await scrapeOf({ values: whole, ...answers }, [failed])).counters?.events?.[0];

  const all: Announcement[] = ['sluice_requests_total', 'orders_total', 'orders_failed_total'].map((metric) => ({ metric, labels: series('', 0).labels, type: 'counter' }));
  const stored = [series('sluice_requests_total', 4), series('orders_total', 5), kept(9)];

  test('is 0 where its pod announces it, as by the page of the pod', async () => {
    expect(await readingOf({ announced, stored, all })).toEqual({ name: 'failed', state: 'Counted', bad: 0, total: 5 });
  });

  test.each<[string, Answers]>([
    ['its pod does not announce it', {}],
    ['the server does not tell', { announced: new PrometheusError('it does not tell what targets announce: status 404') }],
    ['samples of the page were dropped', { announced, stored, all, values: [...whole.slice(0, 3), kept(8, {})] }],
    ['Prometheus was told to rename it', { announced, all, stored: [...stored.slice(0, 2), series('shop_orders_failed_total', 1), kept(10)] }],
    ['the server does not tell what it stores', { announced, all, stored: new PrometheusError('it answered with status 500') }],
    ['the server does not tell all that is announced', { announced, stored, all: new PrometheusError('it does not tell what targets announce: status 404') }],
  ])('is missing where %s', async (_, answers) => {
    expect(await readingOf(answers)).toEqual({ name: 'failed', state: 'Absent', reason: 'there is no metric orders_failed_total', field: 'counter.bad.metric', seen: { bad: 0, total: 5 } });
  });

  test('is looked for among the announcements of the pods alone, and only while one is missing', async () => {
    const { reader, asked } = readerWith({ values: whole });
    const look = () => reader.read({ stable: [], canary: [target('a')], counting: countingOf([failed]) }, { signal });
    await look();
    expect(asked.slice(2)).toEqual(['orders_failed_total {namespace=~"shop",pod=~"a"}', 'orders_failed {namespace=~"shop",pod=~"a"}']);
    const counted = readerWith({ values: [...whole, series('orders_failed_total', 1)] });
    await counted.reader.read({ stable: [], canary: [target('a')], counting: countingOf([failed]) }, { signal });
    expect(counted.asked).toHaveLength(2);
  });

  test('is held against all that its pod has only where that announces it', async () => {
    const { reader, asked } = readerWith({ values: whole, announced, stored, all });
    await reader.read({ stable: [], canary: [target('a'), target('b')], counting: countingOf([failed]) }, { signal });
    expect(asked.slice(4).map((question) => question.replace(/^count by .*/, 'stored'))).toEqual(['stored', 'all {namespace=~"shop",pod=~"a"}']);
    expect(asked[4]).toContain('pod=~"a"');
  });
});
