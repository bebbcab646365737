import { describe, expect, it } from 'vitest';
import { createGate } from './gate.ts';
import { judgeCounts, judgeMemory as judgeGrown, judgeRequests, judgeStore } from './judge-requests.ts';
import { growthOf, judgeGrowth, type Sample } from './memory.ts';
import { momentIn, soakMomentIn } from './moments.ts';
import { parseOptions } from './options.ts';
import { stallsTold } from './stalls.ts';
import { judgeClients, judgeMemory } from './waves.ts';

const samplesOf = (count: number, of: (index: number) => number): Sample[] => Array.from({ length: count }, (_value, index) => ({ done: index * 1_000, residentMebibytes: of(index), heapMebibytes: 50, files: 70, timers: 30 }));
const resident = (samples: readonly Sample[]) => growthOf(samples, 'residentMebibytes');

describe('growthOf', () => {
  it('is what the second half adds for each request', () => {
    expect(resident(samplesOf(10, (index) => (index < 5 ? index * 20 : 100)))).toEqual({ bytes: 0, error: 0 });
    expect(resident(samplesOf(10, (index) => 100 + index)).bytes).toBeCloseTo(2 ** 20 / 1_000, 6);
  });

  it('says by how much it may be wrong', () => {
    const { bytes, error } = resident(samplesOf(120, (index) => 100 + (index % 2)));
    expect(Math.abs(bytes)).toBeLessThan(error);
    expect(error).toBeGreaterThan(5);
    expect(error).toBeLessThan(10);
  });

  it('takes samples between two collections for fewer than they are', () => {
    const sawtooth = (period: number) => resident(samplesOf(240, (index) => 100 + (index % period) / period)).error;
    expect(sawtooth(20)).toBeGreaterThan(2 * sawtooth(2));
  });

  it('says nothing of too little', () => {
    expect(() => resident(samplesOf(4, () => 1))).toThrow('too few');
  });
});

describe('judgeGrowth', () => {
  it.each([
    ['flat', { bytes: 10, error: 246 }],
    ['flat', { bytes: -400, error: 300 }],
    ['not shown', { bytes: 10, error: 247 }],
    ['not shown', { bytes: 500, error: 244 }],
    ['not flat', { bytes: 500, error: 243 }],
  ] as const)('is %s for %o', (told, growth) => {
    expect(judgeGrowth(growth, 256)).toBe(told);
  });
});

describe('momentIn', () => {
  it('reads what stood still, and what is worked on', () => {
    const metrics = '# TYPE nodejs_eventloop_lag_max_seconds gauge\nnodejs_eventloop_lag_max_seconds 0.25\nsluice_requests_in_flight 7\n';
    expect(momentIn(metrics)).toEqual({ stallMs: 250, requestsInFlight: 7 });
  });

  it('does not take silence for none', () => {
    expect(() => momentIn('nodejs_eventloop_lag_max_seconds 0.25\n')).toThrow('no sluice_requests_in_flight');
  });
});

describe('the metrics of an agent with precision and an embedded store', () => {
  const page = ['nodejs_eventloop_lag_max_seconds 0.25', 'sluice_requests_in_flight 7', 'nodejs_heap_size_used_bytes 52428800', 'process_open_fds 71', 'nodejs_active_resources{type="Timeout"} 12', 'sluice_store_fill_ratio 0.5', 'sluice_store_shed_total 3', 'lrs_precision_value{level="execution"} 0.4', 'lrs_adaptation_events_total 2'];

  it('tell what it holds', () => {
    expect(soakMomentIn(page.join('\n'))).toEqual({ stallMs: 250, requestsInFlight: 7, heapMebibytes: 50, files: 71, timers: 12, fill: 0.5, shed: 3, executionPrecision: 0.4, adaptations: 2 });
  });

  it('have no series of timers where there is none, and are not silent of anything else', () => {
    expect(soakMomentIn(page.filter((line) => !line.includes('Timeout')).join('\n'))).toMatchObject({ timers: 0 });
    expect(() => soakMomentIn(page.filter((line) => !line.includes('fill')).join('\n'))).toThrow('no sluice_store_fill_ratio');
  });
});

describe('what is found of requests', () => {
  const samples = samplesOf(40, () => 100);
  const stalls = { shedding: [], otherwise: [] };
  const watched = { samples, highestFill: 0.6, shed: 10, stalls, precision: { lowest: 0.3, highest: 0.9, adaptations: 4 }, leftBehind: 0 };
  const outcome = { watched, twice: [], writes: 3, answers: { counts: new Map(), asked: 1, failed: 0, wrong: [] } };
  /** In the last quarter there are so many more. */
  const more = (what: 'files' | 'timers', count: number): Sample[] => samples.map((sample, index) => ({ ...sample, [what]: sample[what] + (index >= 30 ? count : 0) }));

  it('is nothing where the store filled, and nothing grew', () => {
    expect(judgeRequests(outcome)).toEqual([]);
    expect(judgeCounts([...more('files', 50)])).toEqual([]);
  });

  it.each([
    ['files', 60, 'files grew from 70 to 130'],
    ['timers', 50, 'timers grew from 30 to 80'],
  ] as const)('is %s that grow', (what, count, told) => {
    expect(judgeRequests({ ...outcome, watched: { ...watched, samples: more(what, count) } })).toEqual([told]);
  });

  it.each([
    ['a store that never filled', { watched: { ...watched, highestFill: 0.4 } }, 'never filled: 40 %'],
    ['a store that let go of nothing', { watched: { ...watched, shed: 0 } }, 'never filled: 60 %'],
    ['a store that was nearly full', { watched: { ...watched, highestFill: 0.96 } }, 'nearly full: 96 %'],
    ['a write that was made twice', { twice: ['refunds/7'] }, '1 writes were made more than once, refunds/7 among them'],
  ])('is %s', (_name, change, told) => {
    expect(judgeStore({ ...outcome, ...change })).toEqual([expect.stringContaining(told)]);
  });

  it('is work that does not end', () => {
    expect(judgeRequests({ ...outcome, watched: { ...watched, leftBehind: 2 } })).toEqual([expect.stringContaining('2 requests were worked on still')]);
  });

  it('is the worse of the process and of its heap', () => {
    expect(judgeGrown(samples)).toEqual({ memory: 'flat', told: ['a request of the second half left 0 ± 0 bytes behind, 0 ± 0 of them in the heap; the bound is 256'] });
    expect(judgeGrown(samples.map((sample, index) => ({ ...sample, heapMebibytes: index }))).memory).toBe('not flat');
  });

  it('tells the stops of the event loop apart by what the store did', () => {
    expect(stallsTold({ otherwise: [1, 2, 30], shedding: [] })).toBe('2 ms in half of 3 looks, 30 in nine of ten, 30 at most');
    expect(stallsTold({ otherwise: [1], shedding: [9] })).toContain('; where the store let go of something 9 ms in half of 1 looks');
  });
});

describe('judgeMemory', () => {
  const wave = { open: 100, opened: 150, held: 152, after: 120, stalls: { coming: 1, waiting: 1, leaving: 1 } };

  it('finds nothing in memory that comes back the same', () => {
    expect(judgeMemory([wave, { ...wave, opened: 155 }])).toEqual([]);
  });

  it('takes what is collected while clients wait for no growth', () => {
    expect(judgeMemory([wave, { ...wave, opened: 220, held: 160 }])).toEqual([]);
  });

  it.each([
    ['growth while nothing happens', [wave, { ...wave, held: 190 }], 'while its clients only waited'],
    ['growth from wave to wave', [wave, { ...wave, opened: 190, held: 190 }], 'to begin with'],
    ['too little to judge', [wave], 'too few'],
  ])('finds %s', (_name, waves, told) => {
    expect(judgeMemory(waves)).toEqual([expect.stringContaining(told)]);
  });

  it('leaves clients that were lost to another line', () => {
    const waves = [wave, { ...wave, open: 99 }];
    expect(judgeMemory(waves)).toEqual([]);
    expect(judgeClients(waves, 100)).toEqual(['wave 2 had 99 of 100 clients at its end']);
  });
});

describe('the gate', () => {
  it('lets one work alone when what runs has ended, and the others after it', async () => {
    const [gate, first] = [createGate(), Promise.withResolvers<void>()];
    const order: string[] = [];
    const works = [gate.through(async () => { await first.promise; order.push('first'); }), gate.alone(async () => { await Promise.resolve(); order.push('alone'); }), gate.through(async () => void order.push('second'))];
    first.resolve();
    await Promise.all(works);
    await gate.alone(async () => void order.push('alone again'));
    expect(order).toEqual(['first', 'alone', 'second', 'alone again']);
  });
});

describe('options of the soak', () => {
  it('are requests, or clients that come in waves', () => {
    expect(parseOptions([])).toEqual({ kind: 'requests', requests: 72_000, minutes: 1_440, stores: ['file', 'memory'], mebibytes: 64 });
    expect(parseOptions(['--minutes', '10', '--store', 'memory', '--room', '16'])).toMatchObject({ minutes: 10, stores: ['memory'], mebibytes: 16 });
    expect(parseOptions(['--clients', '10000'])).toEqual({ kind: 'streams', clients: 10_000, waves: 2, holdSeconds: 30 });
  });

  it('are refused by name', () => {
    expect(() => parseOptions(['--clients', 'many'])).toThrow("--clients has 'many'");
    expect(() => parseOptions(['--store', 'disk'])).toThrow("--store has 'disk': give one of file, memory, both");
    expect(() => parseOptions(['--room', '2'])).toThrow("--room has '2'");
  });
});
