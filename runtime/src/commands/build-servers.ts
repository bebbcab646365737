import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { collectDefaultMetrics } from 'prom-client';
import { policyVersion } from '../agent/create-agent.ts';
import { refusedCallFields } from '../budgets/budget-exceeded.ts';
import { meterByBudgets, type BudgetOptions } from '../budgets/metered-client.ts';
import { loadBundle } from '../config/bundle.ts';
import { readBatchSettings } from '../config/batch-settings.ts';
import { readAllowedHosts } from '../config/allowed-hosts.ts';
import { readCorsOrigins } from '../config/cors-origins.ts';
import type { Settings } from '../config/environment.ts';
import { readFileLimit } from '../config/file-limit.ts';
import { openOtherProviderKeys } from '../config/other-provider-keys.ts';
import { readOtelSettings } from '../config/otel-settings.ts';
import { readStateSettings, type StateSettings } from '../config/state-settings.ts';
import { openProviderKey } from '../config/provider-key.ts';
import { ruleNamesOf } from '../guardrails/compile-guardrails.ts';
import { createActiveRequests, type ActiveRequests } from '../lifecycle/active-requests.ts';
import { createReadiness, type Readiness } from '../lifecycle/readiness.ts';
import { createSiblingRegistry } from '../agent-card/sibling-registry.ts';
import { systemClock } from '../platform/clock-system.ts';
import { systemRandom } from '../platform/random-system.ts';
import { systemWallClock } from '../platform/wall-clock-system.ts';
import { answerLabels, createModelClient } from '../providers/create-model-client.ts';
import { createAdmission } from '../server/admission.ts';
import { connectionLimit } from '../server/connection-limit.ts';
import { createConnections } from '../server/connections.ts';
import { createApp, createWorkerApp } from '../server/app.ts';
import { createMirrorApp } from '../server/mirror-app.ts';
import { createRouteContext } from '../server/routes/route-context.ts';
import type { ServerDependencies } from '../server/server-dependencies.ts';
import { createJobMetrics } from '../telemetry/job-metrics.ts';
import { createLogger } from '../telemetry/logger.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { createStoreMetrics } from '../telemetry/store-metrics.ts';
import { systemsOf, traceState } from '../telemetry/tracing/traced-state.ts';
import { traceToolbox } from '../telemetry/tracing/traced-toolbox.ts';
import { traceTransport } from '../telemetry/tracing/traced-transport.ts';
import { createHttpTransport } from '../egress/transport.ts';
import { createStoreWait, whyAway, type StoreWait } from '../store/store-wait.ts';
import { createKeptReplies } from '../store/cache/kept-replies.ts';
import { openCredentials } from '../tools/credentials/open-credentials.ts';
import { createToolbox } from '../tools/toolbox.ts';
import { openBatchJobs } from './batch-jobs.ts';
import { budgetOptionsOf } from './budget-meter.ts';
import type { CommandContext } from './command.ts';
import { openTelemetry } from './open-telemetry.ts';
import { createJobLoop, type JobLoop } from './job-loop.ts';
import { accessOf } from './open-access.ts';
import { openLiveConfig } from './live-config.ts';
import { learntOf, openState } from './open-state.ts';
import { keepToolsListed, openResources, openWriteGate } from './open-tools.ts';

/** `worker`: is asked by jobs alone, and answers no request itself. */
export type ServerRole = 'serve' | 'worker';

/** How a process starts. */
export interface Start {
  readonly role: ServerRole;
  /** Ends a start that waits. */
  readonly signal: AbortSignal;
  /** Told when the start begins to wait for the store, and when that is there. */
  readonly onStore: (state: 'away' | 'there', why?: string) => void;
}

/** A server of stores that is away may come back; a store of the process itself does not. */
function storeWaitOf({ store }: StateSettings, logger: Logger, { signal, onStore }: Start): StoreWait {
  if (store.kind !== 'postgres') return { until: async (work) => await work() };
  return createStoreWait({
    clock: systemClock,
    random: systemRandom,
    signal,
    onAway: (error) => {
      onStore('away', whyAway(error));
      logger.warn({ err: error }, 'the store (SLUICE_STORE) is away: the start waits for it, and the process is not ready until then');
    },
    onThere: (milliseconds) => {
      onStore('there');
      logger.info({ waited_seconds: Math.round(milliseconds / 1_000) }, 'the store is there, and the start goes on');
    },
  });
}

/** The servers of one process, not listening yet. */
export interface BuiltServers {
  readonly app: FastifyInstance;
  /** For copies of requests; undefined when the settings name no port for it. */
  readonly mirror: FastifyInstance | undefined;
  readonly readiness: Readiness;
  readonly active: ActiveRequests;
  /** Works on jobs once it is started. */
  readonly jobs: JobLoop;
  /** Closes the connections to providers and tools. */
  readonly closeOutgoing: () => Promise<void>;
}

/** Throws ConfigError when the bundle or the key can't be used, and the reason of the signal. */
export async function buildServers(settings: Settings, { environment }: CommandContext, start: Start): Promise<BuiltServers> {
  const { role } = start;
  const bundle = loadBundle(settings.bundleFile);
  const key = openProviderKey(environment, bundle.model.provider);
  const otherKeys = openOtherProviderKeys(environment, bundle);
  const stateSettings = readStateSettings(environment, bundle.agent);
  const batchSettings = readBatchSettings(environment, bundle.model.provider.kind);
  const otelSettings = readOtelSettings(environment);
  const http = createHttpTransport();
  const credentials = openCredentials(bundle, { environment, transport: http, clock: systemClock });
  const policy = policyVersion(bundle, settings.revision);
  const logger = createLogger({ level: settings.logLevel, revision: settings.revision, policyVersion: policy, secrets: () => [...key.secrets(), ...otherKeys.secrets(), ...stateSettings.secrets(), ...otelSettings.secrets, ...credentials.secrets()] });
  const metrics = createMetrics({ agent: bundle.agent.name, revision: settings.revision, tools: bundle.tools.map((tool) => tool.name), rules: ruleNamesOf(bundle.guardrails), models: answerLabels(bundle), price: bundle.model.price });
  collectDefaultMetrics({ register: metrics.registry });
  const instruments = await openTelemetry({ settings: otelSettings, bundle, revision: settings.revision, registry: metrics.registry, logger, clock: systemClock });
  const { tracing } = instruments;
  const transport = traceTransport(http, tracing);
  const wait = storeWaitOf(stateSettings, logger, start);
  const kept = await openState({ settings: stateSettings, bundle, revision: settings.revision, logger, tracing, wait });
  createStoreMetrics(metrics.registry, { health: kept.state.health, pool: kept.store.database.pool, fill: kept.store.database.fill, shed: kept.shed });
  const onUnsettled = (error: unknown): void => logger.warn({ err: error }, 'what a call of the model cost could not be charged to its budgets');
  const onRefused: BudgetOptions['onRefused'] = (refused, call) => {
    metrics.budgetRefused(refused);
    logger.info(refusedCallFields(refused, call), 'a call of the model was not made, as it could have passed a budget');
  };
  const budget = budgetOptionsOf(bundle, onRefused, kept.lasts === 'lasting' ? { ledger: kept.store.budgets, onUnsettled } : undefined);
  const meter = budget === undefined ? undefined : meterByBudgets(budget);
  const asked = await createModelClient({ bundle, key, keyOf: otherKeys.of, meter, cache: stateSettings.redisUrl === undefined ? undefined : createKeptReplies(kept.shared.cache), events: metrics.modelEvents, clock: systemClock, random: systemRandom, observe: metrics.modelCall, instruments });
  metrics.watchCircuit(asked.circuit.state);
  const batches = batchSettings === undefined ? undefined : await openBatchJobs({ settings: batchSettings, bundle, key, kept, budget, registry: metrics.registry, modelCall: metrics.modelCall, onAnswer: metrics.modelEvents.onAnswer, logger });
  const model = batches === undefined ? asked : batches.wrap(asked);
  const resources = await wait.until(() => openResources(bundle, { transport, clock: systemClock, database: kept.store.database, credentials, onToolChange: (change) => logger[change.change === 'refused' ? 'warn' : 'info'](change, 'a server of tools lists a tool otherwise') }));
  const tools = { tools: bundle.tools, policyVersion: policy, clock: systemClock, random: systemRandom, transport, resources };
  const toolbox = traceToolbox(createToolbox({ ...tools, observe: metrics.toolCall, writes: 'live', writeGate: openWriteGate(kept.store.database, bundle, policy) }), bundle.tools, instruments);
  const admission = createAdmission({ maxRunning: bundle.limits.maxConcurrentRequests, maxQueued: bundle.limits.maxQueuedRequests });
  const connections = createConnections({ maximum: connectionLimit(readFileLimit(), bundle.limits.maxConcurrentRequests), clock: systemClock, logger, onClosed: metrics.connections.closed });
  metrics.connections.watch(connections.use);
  const readiness = createReadiness();
  const active = createActiveRequests();
  const siblings = createSiblingRegistry({ siblings: bundle.interfaces?.siblings ?? [], transport, clock: systemClock });
  const live = openLiveConfig({ environment, access: await accessOf(environment, bundle, logger), keys: [key, ...otherKeys.all()], logger, logLevel: settings.logLevel, registry: metrics.registry, clock: systemClock });
  const dependencies: ServerDependencies = { bundle, revision: settings.revision, model, toolbox, admission, connections, metrics, instruments, readiness, active, clock: systemClock, wallClock: systemWallClock, random: systemRandom, logger, siblings, access: live.access, corsOrigins: readCorsOrigins(environment), allowedHosts: readAllowedHosts(environment), learnt: await wait.until(() => learntOf(bundle, kept)), state: traceState(kept.state, systemsOf(stateSettings), tracing) };
  const context = createRouteContext(dependencies, metrics);
  const app = role === 'worker' ? await createWorkerApp(dependencies, context) : await createApp(dependencies, context);
  const jobs = createJobLoop({ settings: stateSettings, batches, kept, context, transport, logger, metrics: createJobMetrics(metrics.registry), tracing, name: environment['POD_NAME']?.trim() || systemRandom.id() });
  const dryToolbox = traceToolbox(createToolbox({ ...tools, observe: metrics.mirrored.toolCall, writes: 'dry-run' }), bundle.tools, instruments);
  const mirror = settings.mirrorPort === 0 || role === 'worker' ? undefined : await createMirrorApp({ ...dependencies, toolbox: dryToolbox });
  const stopListing = await keepToolsListed(bundle, { resources, clock: systemClock, logger });
  const closeOutgoing = async (): Promise<void> => {
    await live.close();
    await stopListing();
    await resources.close();
    await batches?.close();
    await Promise.all([asked.close(), transport.close()]);
    await kept.close();
    await instruments.close();
  };
  return { app, mirror, readiness, active, jobs, closeOutgoing };
}
