import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { healthcheck } from './healthcheck.ts';

let server: Server;
let answer: number;
const asked: string[] = [];

beforeEach(async () => {
  answer = 200;
  asked.length = 0;
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(answer).end('text');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
});

async function check(number: string): Promise<{ code: number; said: string }> {
  const said: string[] = [];
  const code = await healthcheck({ SLUICE_PORT: number }, (text) => said.push(text));
  return { code, said: said.join('') };
}

function port(): string {
  return String((server.address() as AddressInfo).port);
}

test('an operator that is alive is healthy', async () => {
  expect(await check(port())).toEqual({ code: 0, said: '' });
  expect(asked).toEqual(['/healthz']);
});

test('another answer than 200 is unhealthy and told', async () => {
  answer = 503;
  expect(await check(port())).toEqual({ code: 1, said: `http://127.0.0.1:${port()}/healthz answers 503\n` });
});

test('no answer is unhealthy and told', async () => {
  const closed = port();
  await new Promise((resolve) => server.close(resolve));
  const { code, said } = await check(closed);
  expect(code).toBe(1);
  expect(said).toContain(`http://127.0.0.1:${closed}/healthz does not answer`);
  server = createServer().listen(0, '127.0.0.1');
});
