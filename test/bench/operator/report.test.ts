import { describe, expect, it } from 'vitest';
import type { WriteCount } from './audit-log.ts';
import { renderReport, type Result } from './report.ts';
import type { RunFigures } from './run.ts';

const writes = (create: number, status: number, events: number): WriteCount[] => [
  { verb: 'create', resource: 'deployments', count: create, refused: 0 },
  { verb: 'update', resource: 'releases/status', count: status, refused: 10 },
  { verb: 'create', resource: 'events', count: events, refused: 0 },
];

function figures(share: number): RunFigures {
  const part = { seconds: 40 * share, medianSeconds: 20 * share, cpuSeconds: 10 * share, allWrites: 1000 };
  return {
    create: { ...part, writes: writes(1000 * share, 0, 0) },
    release: { ...part, writes: writes(1000 * share, 1000 * share, 1600 * share) },
    peakMebibytes: 120 * share, settledMebibytes: 110, anonymousMebibytes: 60, reconcileP99: 0.25, idleCpuPerMinute: 100, loadBefore: 0.5,
  };
}

function result(id: Result['contender']['id'], runs: Result['runs']): Result {
  return { contender: { id, name: id }, agents: 100, runs };
}

describe('renderReport', () => {
  const text = renderReport({
    environment: { node: 'v26' },
    results: [result('sluice', [figures(0.4), figures(0.5), figures(0.6)]), result('argo', [figures(1)]), result('argo-raised', ['it did not start'])],
  });

  it('divides by the agents and shows the spread', () => {
    expect(text).toContain('| sluice | 5.0 (4.0 … 6.0) | 18.0 (14.4 … 21.6) |');
    expect(text).toContain('| argo | 10.0 | 36.0 | 46.0 | 16.0 | 10.0 |');
  });

  it('lists verbs and resources of the first run, status and events by their names', () => {
    expect(text).toContain('| status: update releases/status | 0.00 + 4.00 | 0.00 + 10.00 | – |');
    expect(text).toContain('| event: create events |');
  });

  it('judges by the medians, and never takes what is missing for met', () => {
    expect(text).toContain('| API writes of one release | 18.0 (14.4 … 21.6) | 36.0 | 0.50 | 0.5 | met |');
    expect(text).toContain('| time to create all, limits raised | 20.0 (16.0 … 24.0) | – | – | 1 | not measured |');
  });

  it('says what failed', () => {
    expect(text).toContain('argo-raised with 100 agents failed: it did not start');
  });
});
