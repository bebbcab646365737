import { describe, expect, it } from 'vitest';
import { worstTools } from './failed-tools.ts';
import { readPodCounters } from './pod-counters.ts';
import { countingOf } from './selectors.ts';
import { EvidenceWindow, type PodScrape } from './window.ts';

const tools = countingOf([{ name: 'tools', toolErrors: {} }]);
const page = (lines: readonly string[]): string => ['# TYPE sluice_requests_total counter', 'sluice_requests_total{outcome="success"} 9', ...lines, ''].join('\n');
const calls = (tool: string, outcome: string, count: number | string, prefix = 'sluice_'): string => `${prefix}tool_calls_total{tool="${tool}",outcome="${outcome}"} ${count}`;
const scrape = (uid: string, lines: readonly string[]): PodScrape => ({ target: { uid, ip: '', port: 1, startedAt: 0 }, counters: readPodCounters(page(lines), tools) });

describe('the tools whose calls fail', () => {
  it('are named with their counts over all pods, worst first, of users and of copies', () => {
    const pods = [
      scrape('a', [calls('orders', 'error', 2), calls('orders', 'success', 8), calls('search', 'timeout', 3), calls('mail', 'success', 5)]),
      scrape('b', [calls('orders', 'refused', 1), calls('orders', 'error', 3, 'sluice_mirrored_'), calls('search', 'cancelled', 50)]),
    ];
    expect(worstTools(pods)).toEqual([{ tool: 'orders', bad: 6, total: 14 }, { tool: 'search', bad: 3, total: 3 }]);
  });

  it('are three at most, with names of a bounded length', () => {
    const failed = worstTools([scrape('a', ['a', 'b', 'c', 'd'.repeat(200)].map((tool, index) => calls(tool, 'error', index + 1)))]);
    expect(failed.map(({ tool, bad }) => [tool, bad])).toEqual([['d'.repeat(64), 4], ['c', 3], ['b', 2]]);
  });

  it('are not looked for where no objective asks for them, and NaN is no count', () => {
    expect(readPodCounters(page([calls('orders', 'error', 2)])).failedTools).toBeUndefined();
    expect(worstTools([scrape('a', [calls('orders', 'error', 'NaN')])])).toEqual([]);
  });

  it('are in the evidence of the new revision, and stay while its pods cannot be read', () => {
    const window = new EvidenceWindow({ since: 0, previous: undefined, now: 0, maxPods: 10 });
    const canary = scrape('c', [calls('orders', 'error', 2)]);
    expect(window.add({ stable: [scrape('s', [calls('other', 'error', 9)])], canary: [canary] }, 1_000).failedTools).toEqual([{ tool: 'orders', bad: 2, total: 2 }]);
    expect(window.add({ stable: [], canary: [{ ...canary, counters: undefined }] }, 2_000).failedTools).toEqual([{ tool: 'orders', bad: 2, total: 2 }]);
  });
});
