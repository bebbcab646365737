import { mkdtempSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { keptLine, type ResultsPage, resultsPerPage, type SampleResult } from '@sluice/evals';
import { afterEach, describe, expect, it } from 'vitest';
import { createFakeClock } from '../platform/clock-fake.ts';
import { resultsOfFolder } from './kept-folder.ts';
import { openResultsServer, type ResultsServer } from './results-server.ts';

const result = (repeat: number, verdict: SampleResult['verdict'] = 'Pass'): SampleResult => ({ case: 'a', repeat, digest: 'sha256:0', verdict, reason: '', hard: false, weight: 1, tags: [] });
const servers: ResultsServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function opened() {
  const clock = createFakeClock();
  const server = await openResultsServer({ host: '127.0.0.1', port: 0, token: 'secret', clock });
  servers.push(server);
  const ask = (query: string, token = 'secret', method = 'GET') => fetch(`http://127.0.0.1:${server.port}/results${query}`, { method, headers: { authorization: `Bearer ${token}` }, signal: AbortSignal.timeout(20_000) });
  const page = async (from: number): Promise<ResultsPage> => (await (await ask(`?from=${from}`)).json()) as ResultsPage;
  return { server, clock, ask, page };
}

describe('the results of a run that goes on', () => {
  it('are told from a place on, with how far the run is', async () => {
    const { server, page } = await opened();
    expect(await page(0)).toEqual({ state: 'Running', results: [], next: 0, count: 0 });
    server.add(result(1));
    server.add(result(2, 'NoAnswer'));
    const progress = { done: 2, total: 9, failed: 0, errored: 1, resumed: 0, elapsedMs: 5 };
    server.progress(progress);
    expect(await page(1)).toEqual({ state: 'Running', results: [keptLine(result(2, 'NoAnswer'))], next: 2, count: 2, progress });
    expect((await page(7)).results).toEqual([]);
  });

  it('come in pages', async () => {
    const { server, page } = await opened();
    for (let repeat = 1; repeat <= resultsPerPage + 1; repeat += 1) server.add(result(repeat));
    const first = await page(0);
    expect([first.results.length, first.next, first.count]).toEqual([resultsPerPage, resultsPerPage, resultsPerPage + 1]);
    expect((await page(first.next)).results).toEqual([keptLine(result(resultsPerPage + 1))]);
  });

  it('are told of to whoever waits for more, at once and without a body', async () => {
    const { server, ask } = await opened();
    const answered: string[] = [];
    const more = async (from: number): Promise<void> => {
      const response = await ask(`/more?from=${from}`);
      answered.push(`${from}: ${response.status} ${await response.text()}`);
    };
    const asked = [more(0), more(1), more(2)];
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(answered).toEqual([]);
    server.add(result(1));
    await asked[0];
    expect(answered).toEqual(['0: 204 ']);
    server.addTrial({ digest: 'sha256:0', judgement: 'Pass', dollars: 0 });
    await asked[1];
    await more(0);
    expect(answered).toEqual(['0: 204 ', '1: 204 ', '0: 204 ']);
    void server.handOver('Stopped', 60_000);
    await asked[2];
    expect(answered.at(-1)).toBe('2: 204 ');
  });

  it('are waited for by few: whoever asked first is sent away, and who hangs up is forgotten', async () => {
    const { server, ask } = await opened();
    const first = ask('/more?from=0');
    await new Promise((resolve) => setTimeout(resolve, 50));
    const others = Array.from({ length: 4 }, () => ask('/more?from=0'));
    expect((await first).status).toBe(503);
    server.add(result(1));
    expect((await Promise.all(others)).map(({ status }) => status)).toEqual([204, 204, 204, 204]);
  });

  it.each([
    ['another token that waits', '/more?from=0', 'secreT', 'GET', 401],
    ['no place to wait for', '/more', 'secret', 'GET', 404],
    ['another token', '?from=0', 'secreT', 'GET', 401],
    ['a longer token', '?from=0', 'secret2', 'GET', 401],
    ['no place', '', 'secret', 'GET', 404],
    ['a place that is none', '?from=-1', 'secret', 'GET', 404],
    ['a write', '?from=0', 'secret', 'POST', 404],
  ])('are not told for %s', async (_what, query, token, method, status) => {
    const { ask } = await opened();
    expect((await ask(query, token, method)).status).toBe(status);
  });

  it.each(['//', '//?from=0', 'http://', '/\\[', '*'])('are not told at %s, and the run goes on', async (path) => {
    const { server, page } = await opened();
    const socket = connect(server.port, '127.0.0.1');
    socket.write(`GET ${path} HTTP/1.1\r\nhost: pod\r\nconnection: close\r\n\r\n`);
    let answer = '';
    for await (const chunk of socket) answer += String(chunk);
    expect(answer).not.toMatch(/^HTTP\/1\.1 200/);
    expect((await page(0)).state).toBe('Running');
  });

  it('wait at the end until somebody says that all are kept', async () => {
    const { server, page } = await opened();
    server.add(result(1));
    let over = false;
    const ended = server.handOver('Finished', 60_000).then(() => (over = true));
    expect(await page(0)).toMatchObject({ state: 'Finished', next: 1, count: 1 });
    expect(over).toBe(false);
    await page(1);
    expect(await ended).toBe(true);
  });

  it('wait no longer than they are told to', async () => {
    const { server, clock } = await opened();
    const ended = server.handOver('Stopped', 60_000);
    clock.advance(60_000);
    expect(await ended).toBeUndefined();
  });

  it('need a port that is free', async () => {
    const { server } = await opened();
    await expect(openResultsServer({ host: '127.0.0.1', port: server.port, token: 't', clock: createFakeClock() })).rejects.toThrow('SLUICE_EVAL_RESULTS_PORT cannot be listened on');
  });
});

describe('the results of earlier pods', () => {
  const folderOf = (files: Readonly<Record<string, string | Uint8Array>>) => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-kept-'));
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    return folder;
  };

  it('are those of all files, without what has no answer', () => {
    const folder = folderOf({ '0000.jsonl.gz': gzipSync(`${keptLine(result(1))}\n${keptLine(result(2, 'NoAnswer'))}\n`), '0001.jsonl.gz': gzipSync(keptLine(result(3, 'Fail'))), '..data': 'x' });
    expect([...resultsOfFolder(folder).finished.values()].map(({ repeat }) => repeat)).toEqual([1, 3]);
  });

  it('tell what questions without an answer have cost, by every try, though a file holds what the next one begins with', () => {
    const unanswered = (dollars: number) => `${keptLine({ ...result(2, 'NoAnswer'), costDollars: dollars })}\n`;
    const [one, two] = [unanswered(0.25), unanswered(0.5)];
    const folder = folderOf({ '0000.jsonl.gz': gzipSync(one), '0001.jsonl.gz': gzipSync(`${one}${two}`), '0002.jsonl.gz': gzipSync(`${two}${keptLine({ ...result(1), costDollars: 8 })}\n`) });
    expect(resultsOfFolder(folder).unansweredDollars).toBe(1.25);
  });

  it.each([
    ['damaged', Buffer.from('no gzip')],
    ['far too large once it is unpacked', gzipSync(Buffer.alloc(4 * 1_048_576))],
  ])('must be readable: a file that is %s is refused', (_what, content) => {
    expect(() => resultsOfFolder(folderOf({ '0.gz': content }))).toThrow('SLUICE_EVAL_KEPT_FOLDER holds no results that can be read');
  });

  it('must be there', () => {
    expect(() => resultsOfFolder('/nonexistent')).toThrow('SLUICE_EVAL_KEPT_FOLDER');
  });
});
