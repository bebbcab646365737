import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LatencyHistogram } from './histogram.ts';
import { formatReport, loadReportSchema, parseReport, type LoadReport } from './report.ts';
import { LoadStatistics, type FinishedRequest } from './statistics.ts';

const ok = (revision: string | undefined, latencyMs = 10): FinishedRequest => ({ requestId: 'r', revision, outcome: { ok: true }, latencyMs, atSeconds: 1 });
const failed = (revision: string | undefined, reason: string): FinishedRequest => ({ requestId: 'r', revision, outcome: { ok: false, reason, detail: 'd' }, latencyMs: 10, atSeconds: 1 });

function statisticsOf(sent: number, finished: readonly FinishedRequest[]): LoadStatistics {
  const statistics = new LoadStatistics({ runId: 'run', targetRate: 20 });
  for (let index = 0; index < sent; index += 1) statistics.sent();
  for (const request of finished) statistics.finished(request);
  return statistics;
}

describe('LatencyHistogram', () => {
  it('has no quantile without requests', () => {
    expect(new LatencyHistogram().quantile(0.5)).toBeNull();
  });

  it('is at most 2.5 % off the true quantile', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.2, max: 500_000, noNaN: true }), { minLength: 1, maxLength: 200 }), fc.constantFrom(0.5, 0.95, 1), (values, q) => {
        const histogram = new LatencyHistogram();
        for (const value of values) histogram.add(value);
        const exact = values.toSorted((left, right) => left - right)[Math.max(1, Math.ceil(q * values.length)) - 1]!;
        return Math.abs(histogram.quantile(q)! / exact - 1) <= 0.025;
      }),
    );
  });

  it('takes extremes', () => {
    const histogram = new LatencyHistogram();
    for (const value of [0, 1e9]) histogram.add(value);
    expect([histogram.quantile(0.5), histogram.quantile(1)]).toEqual([0.1, expect.any(Number)]);
  });
});

describe('LoadStatistics', () => {
  it('counts by revision and by reason', () => {
    const statistics = statisticsOf(7, [ok('v1'), ok('v1', 30), ok('v2', 500), failed('v2', 'http_500'), failed('v2', 'http_500'), failed(undefined, 'connection_refused')]);
    const report = statistics.report({ elapsedSeconds: 1, final: false });
    expect(report).toMatchObject({ sent: 7, succeeded: 3, failed: 3, inFlight: 1, failures: { http_500: 2, connection_refused: 1 } });
    expect(Object.fromEntries(Object.entries(report.revisions).map(([name, { succeeded, failed: lost }]) => [name, [succeeded, lost]]))).toEqual({ v1: [2, 0], v2: [1, 2], none: [0, 1] });
    expect(report.revisions['none']).toMatchObject({ failures: { connection_refused: 1 }, latencyMs: { p50: null, p95: null } });
    expect(report.revisions['v2']?.latencyMs.p95).toBeGreaterThan(490);
  });

  it('reports what came since the last line', () => {
    const statistics = statisticsOf(3, [ok('v1'), failed('v1', 'timeout')]);
    expect(statistics.report({ elapsedSeconds: 1, final: false })).toMatchObject({ lastSecond: { sent: 3, succeeded: 1, failed: 1 }, failureExamples: [{ reason: 'timeout', revision: 'v1' }] });
    statistics.finished(ok('v1'));
    const second = statistics.report({ elapsedSeconds: 2, final: false });
    expect(second).toMatchObject({ lastSecond: { sent: 0, succeeded: 1, failed: 0 }, failureExamples: [], revisions: { v1: { lastSecond: { succeeded: 1, failed: 0 } } } });
  });

  it('stays bounded in revisions, reasons and examples', () => {
    const many = Array.from({ length: 500 }, (_, index) => failed(`v${index}`, `reason_${index}`));
    const report = statisticsOf(500, many).report({ elapsedSeconds: 1, final: true });
    expect(Object.keys(report.revisions)).toHaveLength(65);
    expect(Object.keys(report.failures)).toHaveLength(65);
    expect(report.revisions['other']?.failed).toBe(436);
    expect(report.failureExamples).toHaveLength(5);
    expect(loadReportSchema.safeParse(report).success).toBe(true);
  });

  it('always adds up', () => {
    const request = fc.record({ revision: fc.constantFrom('v1', 'v2', undefined), lost: fc.boolean() }).map(({ revision, lost }) => (lost ? failed(revision, 'timeout') : ok(revision)));
    fc.assert(
      fc.property(fc.array(request), fc.nat({ max: 20 }), (finished, open) => {
        const report = statisticsOf(finished.length + open, finished).report({ elapsedSeconds: 1, final: false });
        const sum = Object.values(report.revisions).reduce((total, { succeeded, failed: lost }) => total + succeeded + lost, 0);
        return loadReportSchema.safeParse(report).success && sum === finished.length && report.inFlight === open;
      }),
    );
  });
});

describe('the line', () => {
  const report: LoadReport = statisticsOf(2, [ok('v1'), failed(undefined, 'timeout')]).report({ elapsedSeconds: 1.5, final: true });

  it('reads back what it wrote', () => {
    expect(formatReport(report)).not.toContain('\n');
    expect(parseReport(formatReport(report))).toEqual(report);
  });

  it.each(['', 'plain text', '{"type":"other"}', 'null', '[1]'])('leaves other lines alone: %s', (line) => {
    expect(parseReport(line)).toBeUndefined();
  });

  it('refuses a report that does not add up', () => {
    expect(() => parseReport(formatReport({ ...report, sent: 3 }))).toThrow(/sent must be/u);
  });
});
