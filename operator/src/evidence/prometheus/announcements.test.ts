import { describe, expect, test } from 'vitest';
import { countingOf } from '../selectors.ts';
import { announcedOn, type Announcement, isStoredAsAnnounced, namesBeside, namesInQuestion, storedQuery } from './announcements.ts';

const counting = countingOf([{ name: 'orders', counter: { bad: { metric: 'orders_failed_total' }, total: { metric: 'orders_total' } } }]);
const target = { namespace: 'shop', pod: 'a', job: 'agents', instance: '10.0.0.1:8080' };

function series(name: string, value: number) {
  return { labels: new Map(Object.entries({ ...target, __name__: name })), value };
}
const announced = (change: Record<string, string> = {}, type = 'counter'): Announcement => ({ labels: new Map(Object.entries({ ...target, ...change })), type });
const kept = (scraped: number, left: number) => [series('scrape_samples_scraped', scraped), series('scrape_samples_post_metric_relabeling', left)];
const page = [series('sluice_requests_total', 7), series('orders_total', 5), ...kept(40, 40)];

describe('a counter that a pod announces and has no series of', () => {
  test('has counted nothing yet', () => {
    expect(namesInQuestion([page], counting)).toEqual(['orders_failed_total', 'orders_failed']);
    expect(announcedOn(page, new Map([['orders_failed_total', [announced()]]]), counting)).toEqual(new Set(['orders_failed_total']));
  });

  test('is announced without its ending by OpenMetrics', () => {
    expect(announcedOn(page, new Map([['orders_failed', [announced()]]]), counting)).toEqual(new Set(['orders_failed_total']));
  });

  test.each<[string, readonly ReturnType<typeof series>[], readonly Announcement[]]>([
    ['another pod announces it', page, [announced({ pod: 'b' })]],
    ['a pod of that name in another namespace does', page, [announced({ namespace: 'other' })]],
    ['another port of the pod does', page, [announced({ instance: '10.0.0.1:9901' })]],
    ['another job does', page, [announced({ job: 'agents-2' })]],
    ['it is announced as something else', page, [announced({}, 'gauge')]],
    ['it is announced with help alone', page, [announced({}, 'unknown')]],
    ['nobody announces it', page, []],
    ['samples of the page were dropped', [series('sluice_requests_total', 7), series('orders_total', 5), ...kept(40, 39)], [announced()]],
    ['it is not known whether samples were dropped', [series('sluice_requests_total', 7), series('orders_total', 5)], [announced()]],
    ['what is left of the page is NaN', [series('sluice_requests_total', 7), ...kept(NaN, NaN)], [announced()]],
    ['the pod has no series at all', [], [announced()]],
  ])('is missing and not 0 where %s', (_, samples, announcements) => {
    expect(announcedOn(samples, new Map([['orders_failed_total', announcements]]), counting)).toEqual(new Set());
  });

  test('is another metric where the announced name has samples of its own', () => {
    const other = [...page, series('orders_failed', 3)];
    expect(namesInQuestion([other], counting)).toEqual([]);
    expect(announcedOn(other, new Map([['orders_failed', [announced()]]]), counting)).toEqual(new Set());
  });
});

describe('a page of which Prometheus kept all', () => {
  const counted = (name: string, count: number, change: Record<string, string> = {}) => ({ labels: new Map(Object.entries({ ...target, ...change, __name__: name })), value: count });
  const says = (metric: string, type: string, change: Record<string, string> = {}): Announcement => ({ ...announced(change, type), metric });
  const names = [says('sluice_requests_total', 'counter'), says('sluice_request_duration_seconds', 'histogram'), says('orders_failed_total', 'counter'), says('age', 'summary'), says('build', 'info'), says('up_to', 'unknown')];
  const stored = [
    counted('sluice_requests_total', 6), counted('sluice_request_duration_seconds_bucket', 22), counted('sluice_request_duration_seconds_sum', 1), counted('sluice_request_duration_seconds_count', 1),
    counted('age', 3), counted('age_sum', 1), counted('age_count', 1), counted('build_info', 1), counted('up_to', 4), counted('up', 1), counted('scrape_samples_scraped', 1),
  ];
  const left = (count: number) => counted('scrape_samples_post_metric_relabeling', count, { sluice_kept: 'true' });

  test('is stored by the names that it announces', () => {
    expect(isStoredAsAnnounced(page, { series: [...stored, left(40)], announced: names })).toBe(true);
  });

  test('is stored so where a recording rule makes series with the labels of the pod', () => {
    expect(isStoredAsAnnounced(page, { series: [...stored, counted('pod:requests:rate5m', 9), left(40)], announced: names })).toBe(true);
  });

  test('is stored so where OpenMetrics announces a counter without its ending', () => {
    expect(isStoredAsAnnounced(page, { series: [counted('orders_total', 2), counted('orders_created', 2), left(4)], announced: [says('orders', 'counter')] })).toBe(true);
  });

  test.each<[string, Parameters<typeof isStoredAsAnnounced>[1]]>([
    ['a counter was renamed', { series: [...stored, counted('shop_orders_failed_total', 1), left(41)], announced: names }],
    ['series went to another job', { series: [...stored, counted('orders_failed_total', 1, { job: 'shop' }), left(41)], announced: names }],
    ['series have names that the page says nothing of', { series: [...stored, counted('untyped', 1), left(41)], announced: names }],
    ['another target announces the name', { series: [...stored, counted('other', 1), left(41)], announced: [...names, says('other', 'counter', { pod: 'b' })] }],
    ['it is not known what the scrape kept', { series: stored, announced: names }],
    ['what it kept is NaN', { series: [...stored, left(NaN)], announced: names }],
    ['the server does not tell what is announced', { series: [...stored, left(40)], announced: [] }],
    ['the server does not tell what is stored', { series: [], announced: names }],
  ])('is not stored so where %s', (_, found) => {
    expect(isStoredAsAnnounced(page, found)).toBe(false);
  });

  test('is counted beside what was kept, at one moment', () => {
    expect(storedQuery('pod=~"a"')).toBe('count by (__name__, namespace, pod, job, instance) ({__name__!="scrape_samples_post_metric_relabeling",pod=~"a"}) or label_replace(scrape_samples_post_metric_relabeling{pod=~"a"}, "sluice_kept", "true", "", "")');
  });

  test('without a series is none', () => {
    expect(isStoredAsAnnounced([], { series: [left(0)], announced: names })).toBe(false);
  });
});

test('nothing is asked for while every pod has its series, or no objective counts them', () => {
  expect(namesInQuestion([[...page, series('orders_failed_total', 1)]], counting)).toEqual([]);
  expect(namesInQuestion([page], countingOf([]))).toEqual([]);
  expect(namesBeside(countingOf([]))).toEqual([]);
  expect(namesBeside(counting)).toEqual(['scrape_samples_scraped', 'scrape_samples_post_metric_relabeling', 'orders_failed_total', 'orders_failed', 'orders_total', 'orders']);
});
