import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeClock } from '../../platform/clock-fake.ts';
import { createFakeWallClock } from '../../platform/wall-clock-fake.ts';
import { sendJson, startLoopbackServer, type LoopbackServer } from '../../testing/loopback-server.ts';
import { createTokenReviews, longestReviewMilliseconds, reviewHoldsMilliseconds } from './token-reviews.ts';

let server: LoopbackServer;
let folder: string;
let says: { status: number; body: unknown };
const inForce = { status: 201, body: { status: { authenticated: true, audiences: ['support.shop.svc'] } } };
beforeEach(async () => {
  says = inForce;
  folder = mkdtempSync(join(tmpdir(), 'sluice-reviews-'));
  writeFileSync(join(folder, 'token'), 'own-token\n');
  server = await startLoopbackServer((_exchange, response) => sendJson(response, says.status, says.body));
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

function createRig() {
  const clock = createFakeWallClock();
  return { clock, review: createTokenReviews({ reviewUri: server.url, audience: 'support.shop.svc', tokenFile: join(folder, 'token'), dispatcher: undefined, clock, timer: createFakeClock() }) };
}

it('asks with a token of its own for the audience of the agent', async () => {
  const { review } = createRig();
  expect(await review('of-a-caller')).toBe('in-force');
  expect(server.exchanges).toHaveLength(1);
  expect(server.exchanges[0]).toMatchObject({ method: 'POST', headers: { authorization: 'Bearer own-token' } });
  expect(JSON.parse(server.exchanges[0]?.body ?? '')).toEqual({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token: 'of-a-caller', audiences: ['support.shop.svc'] } });
});

it.each([
  ['one that the cluster does not know any more', { status: { error: 'the pod is gone' } }],
  ['one that is not authenticated', { status: { authenticated: false } }],
  ['one for somebody else', { status: { authenticated: true, audiences: ['another'] } }],
  ['one without an audience, as servers say that do not know them', { status: { authenticated: true } }],
])('refuses %s', async (_case, body) => {
  says = { status: 201, body };
  expect(await createRig().review('t')).toBe('refused');
});

describe('an answer', () => {
  it('holds for a minute for its token, and is asked for once at a time', async () => {
    const { clock, review } = createRig();
    expect(await Promise.all([review('t'), review('t'), review('u')])).toEqual(['in-force', 'in-force', 'in-force']);
    expect(server.exchanges).toHaveLength(2);
    clock.advance(reviewHoldsMilliseconds - 1);
    says = { status: 201, body: { status: { authenticated: false } } };
    expect(await review('t')).toBe('in-force');
    clock.advance(1);
    expect(await review('t')).toBe('refused');
    expect(server.exchanges).toHaveLength(3);
  });

  it('holds for two minutes while the API server is away, and then nobody can tell', async () => {
    const { clock, review } = createRig();
    await review('t');
    says = { status: 500, body: {} };
    clock.advance(longestReviewMilliseconds - 1);
    expect(await review('t')).toBe('in-force');
    clock.advance(1);
    await expect(review('t')).rejects.toThrow('the API server answered 500 to a TokenReview');
    await expect(review('another')).rejects.toThrow('answered 500');
    says = inForce;
    expect(await review('t')).toBe('in-force');
  });

  it('that it may not have says which right is missing', async () => {
    says = { status: 403, body: {} };
    await expect(createRig().review('t')).rejects.toThrow('bind the ClusterRole system:auth-delegator to the ServiceAccount of the agent');
  });
});
