import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FakeClock } from '@sluice/kube';
import { afterEach, expect, it } from 'vitest';
import { PodScraper } from '../../evidence/scraper.ts';
import { sampleAgent } from '../../revision/testing/sample-agent.ts';
import { forecastOfNext } from './next-release.ts';
import { readStable } from './stable-reading.ts';

const rollout = {
  steps: [{ weight: 10, duration: '5m' }], gates: { objectives: [{ name: 'success', successRate: { maxDropPoints: 2 } }], minDuration: '0s' },
  maxDuration: '2h', progressDeadline: '5m', holdLimit: '24h', onSecretChange: 'Restart' as const, historyLimit: 10,
};
const hourMs = 3_600_000;
let close: (() => Promise<void>) | undefined;

afterEach(async () => close?.());

it('pods that serve their metrics pages give the forecast of an agent that has no release under way, and nothing is remembered of them', async () => {
  const page = '# TYPE sluice_requests_total counter\nsluice_requests_total{outcome="success"} 35280\nsluice_requests_total{outcome="error"} 720\n';
  const server: Server = createServer((_, response) => void response.end(page));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const clock = new FakeClock();
  const evidence = new PodScraper({ clock });
  close = async () => { await evidence.close(); server.closeAllConnections(); await new Promise((resolve) => server.close(resolve)); };
  const agent = sampleAgent({ spec: { rollout } });
  const now = clock.now();
  const target = { uid: 'a', ip: '127.0.0.1', port: (server.address() as AddressInfo).port, startedAt: now - hourMs };
  const stableReading = await readStable(agent, [target, { ...target, uid: 'b' }], { evidence, now }, { signal: new AbortController().signal });
  expect(stableReading.past).toMatchObject({ requests: 72_000, bad: 1440, pods: 2, podMilliseconds: 2 * hourMs });
  expect(forecastOfNext({ agent, stableReading, now })).toMatchObject({ requestsPerMinute: 1200, objectives: [{ name: 'success', reachable: 'Yes', badPercent: 2.0007 }], steps: [{ step: 1, minutes: 5.7 }] });
  expect(evidence.kept.windows).toBe(0);
});
