import { describe, expect, test } from 'vitest';
import { countingOf } from '../selectors.ts';
import { announcedOn, type Announcement, namesBeside, namesInQuestion } from './announcements.ts';

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

test('nothing is asked for while every pod has its series, or no objective counts them', () => {
  expect(namesInQuestion([[...page, series('orders_failed_total', 1)]], counting)).toEqual([]);
  expect(namesInQuestion([page], countingOf([]))).toEqual([]);
  expect(namesBeside(countingOf([]))).toEqual([]);
  expect(namesBeside(counting)).toEqual(['scrape_samples_scraped', 'scrape_samples_post_metric_relabeling', 'orders_failed_total', 'orders_failed', 'orders_total', 'orders']);
});
