import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Clock, Timer } from '@sluice/kube';
import { isoTime } from './clock-time.ts';
import { EvidenceError, type PodTarget } from './evidence-source.ts';
import { PodScraper, type ScraperOptions } from './scraper.ts';

const since = 1_700_000_000_000;

/** Stands still; a test lets the timers that wait run out. */
class ManualClock implements Clock {
  at = since;
  timers = new Set<() => void>();
  now = () => this.at;
  monotonic = () => this.at;
  sleep = () => Promise.resolve();
  setTimer(_ms: number, callback: () => void): Timer {
    this.timers.add(callback);
    return { cancel: () => void this.timers.delete(callback) };
  }
}

let servers: Server[] = [];
let scrapers: PodScraper[] = [];
let clock: ManualClock;
const signal = new AbortController().signal;

beforeEach(() => {
  clock = new ManualClock();
});
afterEach(async () => {
  await Promise.all(scrapers.map((scraper) => scraper.close()));
  for (const server of servers) server.closeAllConnections();
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  servers = [];
  scrapers = [];
});

async function pod(uid: string, listener: RequestListener): Promise<PodTarget> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { uid, ip: '127.0.0.1', port: (server.address() as AddressInfo).port, startedAt: since };
}

function scraperWith(options: Partial<ScraperOptions> = {}): PodScraper {
  const scraper = new PodScraper({ clock, ...options });
  scrapers.push(scraper);
  return scraper;
}

const page = (success: number, error = 0) =>
  `# TYPE sluice_requests_total counter\nsluice_requests_total{outcome="success"} ${success}\nsluice_requests_total{outcome="error"} ${error}\n`;
const serving = (text: () => string): RequestListener => (_, response) => void response.end(text());

describe('PodScraper', () => {
  test('adds up the pods of both revisions', async () => {
    let good = 5;
    const stable = [await pod('s1', serving(() => page(good))), await pod('s2', serving(() => page(2 * good)))];
    const canary = [await pod('c1', serving(() => page(good, 1)))];
    const scraper = scraperWith();
    const request = { windowId: 'w', since, stable, canary };
    const first = await scraper.collect(request, { signal });
    expect(first).toMatchObject({
      since: isoTime(since), lastScrapeAt: isoTime(since), missedScrapes: 0,
      stable: { requests: 15, bad: 0, latencyBuckets: [] }, canary: { requests: 6, bad: 1, latencyBuckets: [] },
    });
    good = 8;
    const second = await scraper.collect({ ...request, previous: first }, { signal });
    expect([second.stable.requests, second.canary.requests, second.canary.bad]).toEqual([24, 9, 1]);
  });

  test('asks for /metrics', async () => {
    const paths: (string | undefined)[] = [];
    const target = await pod('c', (request, response) => {
      paths.push(request.url);
      response.end(page(1));
    });
    await scraperWith().collect({ windowId: 'w', since, stable: [], canary: [target] }, { signal });
    expect(paths).toEqual(['/metrics']);
  });

  test.each<[string, RequestListener]>([
    ['an error status', (_, response) => void response.writeHead(500).end(page(9))],
    ['an error status without a body', (_, response) => void response.writeHead(503).end()],
    ['a redirect', (_, response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(page(9))],
    ['a page that is too large', (_, response) => void response.end(page(9) + '# filler\n'.repeat(2000))],
    ['a page that is packed, however much is in it', (_, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(page(9) + '# filler\n'.repeat(1_000_000)).subarray(0, 4_000))],
    ['a packed page within the size', (_, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(page(9)))],
    ['a series that is told twice', (_, response) => void response.end(page(9) + page(9))],
    ['a count that is NaN', (_, response) => void response.end(`${page(9)}sluice_requests_total{outcome="timeout"} NaN\n`)],
    ['a count without end', (_, response) => void response.end(`${page(9)}sluice_requests_total{outcome="timeout"} +Inf\n`)],
    ['a page that is no metrics page', (_, response) => void response.end('<html>')],
    ['a connection that is cut', (_, response) => void response.writeHead(200, { 'content-length': '5000' }).write(page(9), () => response.destroy())],
  ])('takes %s for a missed scrape', async (_, listener) => {
    const bad = await pod('bad', listener);
    const good = await pod('good', serving(() => page(3)));
    const evidence = await scraperWith({ maxPageBytes: 4096 }).collect({ windowId: 'w', since, stable: [good], canary: [bad] }, { signal });
    expect([evidence.missedScrapes, evidence.stable.requests, evidence.canary.requests]).toEqual([1, 3, 0]);
  });

  test('gives up on a pod that does not answer in time', async () => {
    const hung = await pod('hung', () => {
      for (const callback of clock.timers) callback();
    });
    const evidence = await scraperWith().collect({ windowId: 'w', since, stable: [], canary: [hung] }, { signal });
    expect([evidence.missedScrapes, evidence.lastScrapeAt]).toEqual([1, undefined]);
    expect(clock.timers.size).toBe(0);
  });

  test('a pod that is silent for six looks is not waited for at each look after that, and is measured soon after it answers again', async () => {
    let asked = 0;
    let state: 'silent' | 'answers' = 'silent';
    const target = await pod('c', (_, response) => {
      asked += 1;
      if (state === 'answers') return void response.end(page(4));
      clock.at += 2_000;
      for (const callback of clock.timers) callback();
    });
    const scraper = scraperWith();
    const look = () => scraper.collect({ windowId: 'w', since, stable: [], canary: [target] }, { signal });
    for (let count = 0; count < 9; count += 1) await look();
    expect(asked).toBe(6);
    expect(await look()).toMatchObject({ missedScrapes: 10, problems: [{ reason: 'a pod could not be scraped: no metrics page within 2000 ms' }] });
    clock.at += 15_000;
    for (let count = 0; count < 3; count += 1) await look();
    expect(asked, 'the next pause is longer').toBe(7);
    state = 'answers';
    clock.at += 15_000;
    await look();
    expect(asked).toBe(7);
    clock.at += 15_000;
    expect((await look()).canary.requests).toBe(4);
    clock.at += 3_000;
    await look();
    expect(asked, 'and at each look from then on').toBe(9);
  });

  test('gives up on a page that drips: the time is for the whole of it', async () => {
    const drips = await pod('drips', (_, response) => {
      response.write(page(9));
      const timer = setInterval(() => {
        response.write('# drop\n');
        if (drops++ === 3) for (const callback of clock.timers) callback();
      }, 5);
      response.once('close', () => clearInterval(timer));
    });
    let drops = 0;
    const evidence = await scraperWith().collect({ windowId: 'w', since, stable: [], canary: [drips] }, { signal });
    expect([evidence.missedScrapes, evidence.canary.requests, clock.timers.size]).toEqual([1, 0, 0]);
    expect(evidence.problems).toMatchObject([{ reason: expect.stringContaining('no metrics page within 2000 ms') as string }]);
  });

  test('nothing listens: a missed scrape', async () => {
    const target = await pod('gone', serving(() => page(1)));
    await new Promise((resolve) => servers[0]!.close(resolve));
    servers = [];
    const evidence = await scraperWith().collect({ windowId: 'w', since, stable: [], canary: [target] }, { signal });
    expect(evidence.missedScrapes).toBe(1);
  });

  test('stops at once when told to, and counts nothing of that look', async () => {
    let answers: 'hang' | 'answer' = 'hang';
    const controller = new AbortController();
    const target = await pod('c', (_, response) => {
      if (answers === 'answer') response.end(page(4));
      else controller.abort(new Error('stopped by the test'));
    });
    const scraper = scraperWith();
    const request = { windowId: 'w', since, stable: [], canary: [target] };
    await expect(scraper.collect(request, { signal: controller.signal })).rejects.toThrow('stopped by the test');
    answers = 'answer';
    const evidence = await scraper.collect(request, { signal });
    expect([evidence.canary.requests, evidence.missedScrapes]).toEqual([4, 0]);
  });

  test('refuses a second collect of the same window while the first one runs', async () => {
    const target = await pod('c', serving(() => page(1)));
    const scraper = scraperWith();
    const request = { windowId: 'w', since, stable: [], canary: [target] };
    const first = scraper.collect(request, { signal });
    await expect(scraper.collect(request, { signal })).rejects.toThrow(EvidenceError);
    await expect(first).resolves.toMatchObject({ canary: { requests: 1 } });
  });

  test('keeps no more windows than allowed, and gives up the one that ended', async () => {
    const target = await pod('c', serving(() => page(1)));
    const scraper = scraperWith({ maxWindows: 2 });
    for (const windowId of ['a', 'b', 'c']) await scraper.collect({ windowId, since, stable: [], canary: [target] }, { signal });
    expect(scraper.kept.windows).toBe(2);
    scraper.forget('a');
    expect(scraper.kept.windows).toBe(1);
  });

  test('a window that had to be forgotten goes on from the persisted totals without counting twice', async () => {
    let good = 5;
    const target = await pod('c', serving(() => page(good)));
    const scraper = scraperWith();
    const request = { windowId: 'w', since, stable: [], canary: [target] };
    const first = await scraper.collect(request, { signal });
    scraper.forget('w');
    clock.at += 3000;
    good = 9;
    const second = await scraper.collect({ ...request, previous: first }, { signal });
    good = 10;
    const third = await scraper.collect({ ...request, previous: second }, { signal });
    expect([first, second, third].map((evidence) => evidence.canary.requests)).toEqual([5, 5, 6]);
  });

  test('scrapes at most the allowed number of pods, always the same ones', async () => {
    const asked: string[] = [];
    const named = (uid: string) => pod(uid, (_, response) => {
      asked.push(uid);
      response.end(page(1));
    });
    const canary = [await named('b'), await named('a'), await named('c')];
    const evidence = await scraperWith({ maxPodsPerWindow: 4 }).collect({ windowId: 'w', since, stable: [], canary }, { signal });
    expect(asked.toSorted()).toEqual(['a', 'b']);
    expect(evidence.canary.requests).toBe(2);
  });
});
