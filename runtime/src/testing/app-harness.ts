import type { FastifyInstance } from 'fastify';
import type { AgentBundle } from '@sluice/crds';
import { ruleNamesOf } from '../guardrails/compile-guardrails.ts';
import { createActiveRequests, type ActiveRequests } from '../lifecycle/active-requests.ts';
import type { AllowedHosts } from '../config/allowed-hosts.ts';
import { createReadiness, type Readiness } from '../lifecycle/readiness.ts';
import type { Clock } from '../platform/clock.ts';
import { createFakeClock } from '../platform/clock-fake.ts';
import { createFakeWallClock } from '../platform/wall-clock-fake.ts';
import { createSiblingRegistry } from '../agent-card/sibling-registry.ts';
import type { ModelClient } from '../providers/model-client.ts';
import type { Access } from '../server/access/access.ts';
import { openAccess } from '../server/access/open-access.ts';
import type { ClientLimits } from '../server/client-limits.ts';
import type { ServerState } from '../server/server-state.ts';
import { createAdmission } from '../server/admission.ts';
import { createConnections } from '../server/connections.ts';
import { createApp } from '../server/app.ts';
import { createMirrorApp } from '../server/mirror-app.ts';
import type { ServerDependencies } from '../server/server-dependencies.ts';
import { createLogger } from '../telemetry/logger.ts';
import { createMetrics, type Metrics } from '../telemetry/metrics.ts';
import type { Instruments } from '../telemetry/tracing/instruments.ts';
import type { HttpTransport } from '../egress/transport.ts';
import { createToolbox } from '../tools/toolbox.ts';
import { bundleFixture } from './bundle-fixture.ts';
import { createStateFixture, type StateFixture } from './state-fixture.ts';
import { createFakeTransport } from './fake-transport.ts';

export interface HarnessOptions {
  readonly model: ModelClient;
  readonly bundle?: AgentBundle;
  readonly transport?: HttpTransport;
  readonly clock?: Clock;
  readonly secrets?: readonly string[];
  readonly access?: Access;
  readonly corsOrigins?: readonly string[];
  readonly allowedHosts?: AllowedHosts;
  readonly state?: Partial<ServerState>;
  readonly instruments?: Instruments;
  readonly clientLimits?: Partial<ClientLimits>;
  /** The most that there may be. */
  readonly connections?: number;
}

export interface Harness {
  readonly app: FastifyInstance;
  /** For copies of requests. */
  readonly mirror: FastifyInstance;
  readonly metrics: Metrics;
  readonly readiness: Readiness;
  readonly active: ActiveRequests;
  readonly kept: StateFixture;
  readonly dependencies: ServerDependencies;
  /** The log lines so far, parsed. */
  readonly logs: () => readonly Record<string, unknown>[];
  readonly logText: () => string;
  /** The value of one series of the metrics text. */
  readonly series: (name: string) => Promise<number | undefined>;
}

/** The whole server, and the one for copies of requests, with fakes at its edges. */
export async function createHarness(options: HarnessOptions): Promise<Harness> {
  const bundle = options.bundle ?? bundleFixture();
  const clock = options.clock ?? createFakeClock();
  const lines: string[] = [];
  const logger = createLogger({ level: 'trace', revision: 'r1', policyVersion: `${bundle.agent.name}@r1`, secrets: () => options.secrets ?? [], destination: { write: (line) => lines.push(line) } });
  const metrics = createMetrics({ agent: bundle.agent.name, revision: 'r1', tools: bundle.tools.map((tool) => tool.name), rules: ruleNamesOf(bundle.guardrails), price: bundle.model.price });
  const transport = options.transport ?? createFakeTransport();
  const toolbox = createToolbox({ tools: bundle.tools, clock, transport, observe: metrics.toolCall, writes: 'live' });
  const dryToolbox = createToolbox({ tools: bundle.tools, clock, transport, observe: metrics.mirrored.toolCall, writes: 'dry-run' });
  const readiness = createReadiness();
  const active = createActiveRequests();
  let ids = 0;
  const random = { fraction: () => 0.5, id: () => `id-${(ids += 1)}` };
  const admission = createAdmission({ maxRunning: bundle.limits.maxConcurrentRequests, maxQueued: bundle.limits.maxQueuedRequests });
  const kept = await createStateFixture(clock, options.state);
  const connections = createConnections({ maximum: options.connections ?? 20_000, clock, logger, onClosed: metrics.connections.closed });
  metrics.connections.watch(connections.use);
  const siblings = createSiblingRegistry({ siblings: bundle.interfaces?.siblings ?? [], transport, clock });
  const dependencies: ServerDependencies = { wallClock: createFakeWallClock(), siblings, access: options.access ?? openAccess, corsOrigins: options.corsOrigins, allowedHosts: options.allowedHosts, state: kept.state, bundle, revision: 'r1', model: options.model, toolbox, admission, metrics, instruments: options.instruments, clientLimits: options.clientLimits, connections, readiness, active, clock, random, logger };
  return {
    app: await createApp(dependencies),
    mirror: await createMirrorApp({ ...dependencies, toolbox: dryToolbox }),
    metrics,
    readiness,
    active,
    kept,
    dependencies,
    logs: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
    logText: () => lines.join(''),
    series: async (name) => {
      const line = (await metrics.registry.metrics()).split('\n').find((text) => text.startsWith(`${name} `));
      return line === undefined ? undefined : Number(line.slice(name.length + 1));
    },
  };
}
