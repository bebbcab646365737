import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { FakeClock } from '@sluice/kube/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PodScraper, type Evidence, type PodTarget } from '../../operator/src/evidence/index.ts';
import { judgeOutage, outageOver } from '../../operator/src/gates/index.ts';
import { failuresToOpen, openMilliseconds } from '../../runtime/src/providers/provider-circuit.ts';
import { startSimulator, type RunningSimulator } from '../provider-simulator/running-simulator.ts';
import { playRuntime, type PlayedRuntime } from './played-runtime.ts';

interface Pod {
  readonly runtime: PlayedRuntime;
  readonly target: PodTarget;
}

const signal = new AbortController().signal;
let simulator: RunningSimulator;
let clock: FakeClock;
let scraper: PodScraper;
let pods: Pod[];
let evidence: Evidence | undefined;
let since: number;

beforeEach(async () => {
  // cockatiel reads the time of day by itself.
  vi.useFakeTimers({ toFake: ['Date'] });
  simulator = await startSimulator();
  clock = new FakeClock();
  since = clock.now();
  scraper = new PodScraper({ clock });
  pods = [];
  evidence = undefined;
});
afterEach(async () => {
  vi.useRealTimers();
  await scraper.close();
  for (const { runtime } of pods) await runtime.close();
  await simulator.close();
});

async function listen(app: FastifyInstance): Promise<number> {
  await app.listen({ host: '127.0.0.1', port: 0 });
  return (app.server.address() as AddressInfo).port;
}

async function pod(model = 'model-1'): Promise<Pod> {
  const runtime = await playRuntime({ kind: 'Anthropic', url: simulator.url, model });
  const made = { runtime, target: { uid: randomUUID(), ip: '127.0.0.1', port: await listen(runtime.app), startedAt: since - 1 } };
  pods.push(made);
  return made;
}

/** Asks the pods so many times each. */
async function traffic(times: number, ...asked: readonly Pod[]): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    await Promise.all(asked.map(({ runtime }) => runtime.app.inject({ method: 'POST', url: '/v1/invoke', payload: { input: { text: 'How do refunds work?' } } })));
  }
}

async function look(afterMilliseconds: number, stable: readonly Pod[], canary: readonly Pod[]): Promise<Evidence> {
  await clock.advance(afterMilliseconds);
  const request = { windowId: 'w', since, previous: evidence, stable: stable.map(({ target }) => target), canary: canary.map(({ target }) => target) };
  evidence = await scraper.collect(request, { signal });
  return evidence;
}

describe('what the operator reads of real runtimes', { timeout: 60_000 }, () => {
  it('tells an outage of the provider, and its end', async () => {
    const [stable, canary] = [[await pod(), await pod()], [await pod()]];
    await look(0, stable, canary);
    await traffic(10, ...stable, ...canary);
    expect(judgeOutage((await look(3_000, stable, canary)).recent, clock.now())).toEqual({ kind: 'None' });
    await simulator.setScript({ rules: [{ respond: { status: 529, retryAfter: 0 } }] });
    await traffic(failuresToOpen, ...stable, ...canary);
    const out = await look(3_000, stable, canary);
    expect(out.recent).toMatchObject({ stable: { requests: 40, bad: 20, providerFailures: 20, pods: 2, circuitsOpen: 2 }, canary: { requests: 20, bad: 10, providerFailures: 10, pods: 1, circuitsOpen: 1 } });
    const verdict = judgeOutage(out.recent, clock.now());
    expect(verdict.kind).toBe('ProviderOutage');
    await simulator.setScript({});
    vi.advanceTimersByTime(openMilliseconds);
    for (let time = 0; time < 12; time += 1) {
      await traffic(2, ...stable, ...canary);
      await look(3_000, stable, canary);
    }
    expect(evidence?.recent).toMatchObject({ stable: { providerFailures: 0, circuitsOpen: 0 } });
    expect(outageOver(evidence?.recent, clock.now())).toBe(true);
    expect(judgeOutage(evidence?.recent, clock.now(), verdict)).toEqual({ kind: 'None' });
  });

  it('is no outage when the new revision asks for a model that is not there', async () => {
    await simulator.setScript({ models: ['model-1'] });
    const [stable, canary] = [[await pod()], [await pod('model-2')]];
    await look(0, stable, canary);
    await traffic(2 * failuresToOpen, ...stable, ...canary);
    const seen = await look(3_000, stable, canary);
    expect(seen).toMatchObject({ stable: { requests: 20, bad: 0, providerFailures: 0 }, canary: { requests: 20, bad: 20, providerFailures: 0 } });
    expect(judgeOutage(seen.recent, clock.now())).toEqual({ kind: 'None' });
  });

  it('counts copies of requests for the revision that gets them, latency included', async () => {
    const [stable, canary] = [[await pod()], [await pod()]];
    const mirrorPort = await listen(canary[0]!.runtime.mirror);
    await look(0, stable, canary);
    await traffic(3, ...stable);
    for (let time = 0; time < 3; time += 1) {
      const copy = await fetch(`http://127.0.0.1:${mirrorPort}/v1/invoke`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"input":{"text":"How do refunds work?"}}' });
      expect([copy.status, await copy.text()]).toEqual([204, '']);
    }
    const seen = await look(3_000, stable, canary);
    expect(seen).toMatchObject({ stable: { requests: 3, bad: 0 }, canary: { requests: 3, bad: 0 } });
    expect(seen.canary.latencyBuckets.at(-1)).toEqual({ le: -1, count: 3 });
    expect(await canary[0]!.runtime.series('sluice_requests_total{outcome="success"}')).toBe(0);
  });
});
