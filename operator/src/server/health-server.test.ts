import { afterEach, beforeEach, expect, it } from 'vitest';
import { HealthServer } from './health-server.ts';

const problems: { alive: string[]; ready: string[] } = { alive: [], ready: [] };
let server: HealthServer;
let port: number;
let metrics: () => Promise<string>;

beforeEach(async () => {
  Object.assign(problems, { alive: [], ready: [] });
  metrics = () => Promise.resolve('up 1\n');
  server = new HealthServer({ host: '127.0.0.1', port: 0, problems: (question) => problems[question], metrics: () => metrics() });
  port = await server.listen();
});

afterEach(async () => {
  await server.close();
});

async function ask(path: string, method = 'GET'): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method, signal: AbortSignal.timeout(10_000) });
  return `${answer.status} ${await answer.text()}`;
}

it('answers each probe with its own problems', async () => {
  expect(await Promise.all([ask('/healthz'), ask('/readyz')])).toEqual(['200 ok\n', '200 ok\n']);
  problems.ready = ['caches are not filled yet: pods', 'and more'];
  expect(await Promise.all([ask('/healthz'), ask('/readyz?verbose')])).toEqual(['200 ok\n', '503 caches are not filled yet: pods\nand more\n']);
  problems.alive = ['it hangs'];
  expect(await ask('/healthz')).toBe('503 it hangs\n');
});

it('shows the metrics, or why there are none', async () => {
  expect(await ask('/metrics')).toBe('200 up 1\n');
  metrics = () => Promise.reject(new Error('no gauge'));
  expect(await ask('/metrics')).toBe('500 the metrics could not be gathered: no gauge\n');
});

it('serves nothing else', async () => {
  expect(await ask('/')).toBe('404 there are /healthz, /readyz and /metrics\n');
  expect(await ask('/healthz', 'POST')).toBe('405 only GET is served\n');
});
