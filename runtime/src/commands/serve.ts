import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics } from 'prom-client';
import { loadBundle } from '../config/bundle.ts';
import { ConfigError } from '../config/config-error.ts';
import { readSettings, type Settings } from '../config/environment.ts';
import { openProviderKey } from '../config/provider-key.ts';
import { createActiveRequests, type ActiveRequests } from '../lifecycle/active-requests.ts';
import { drain } from '../lifecycle/drain.ts';
import { createReadiness, type Readiness } from '../lifecycle/readiness.ts';
import { systemClock } from '../platform/clock-system.ts';
import { systemRandom } from '../platform/random-system.ts';
import { createModelClient } from '../providers/create-model-client.ts';
import { createApp } from '../server/app.ts';
import { createLogger } from '../telemetry/logger.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { createHttpTransport } from '../tools/http-transport.ts';
import { createToolbox } from '../tools/toolbox.ts';
import type { Command, CommandContext } from './command.ts';

interface RunningServer {
  readonly app: FastifyInstance;
  readonly readiness: Readiness;
  readonly active: ActiveRequests;
  /** Closes the connections to providers and tools. */
  readonly closeOutgoing: () => Promise<void>;
}

async function buildServer(settings: Settings, { environment }: CommandContext): Promise<RunningServer> {
  const bundle = loadBundle(settings.bundleFile);
  const key = openProviderKey(environment, bundle.model.provider);
  const logger = createLogger({ level: settings.logLevel, revision: settings.revision, secrets: key.secrets });
  const metrics = createMetrics({ agent: bundle.agent.name, revision: settings.revision, tools: bundle.tools.map((tool) => tool.name) });
  collectDefaultMetrics({ register: metrics.registry });
  const transport = createHttpTransport();
  const model = await createModelClient({ bundle, key, clock: systemClock, random: systemRandom, observe: metrics.modelCall });
  const toolbox = createToolbox({ tools: bundle.tools, clock: systemClock, transport, observe: metrics.toolCall, writes: 'live' });
  const readiness = createReadiness();
  const active = createActiveRequests();
  const app = await createApp({ bundle, revision: settings.revision, model, toolbox, metrics, readiness, active, clock: systemClock, random: systemRandom, logger });
  const closeOutgoing = async (): Promise<void> => {
    await Promise.all([model.close(), transport.close()]);
  };
  return { app, readiness, active, closeOutgoing };
}

/** Starts to listen and gives the URL. Throws ConfigError when the address cannot be had. */
async function listen(app: FastifyInstance, { host, port }: Settings): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
    throw new ConfigError([{ field: 'SLUICE_PORT', value: port, problem: `cannot be listened on at ${host}: ${code}`, fix: 'Free the port, or set SLUICE_HOST and SLUICE_PORT to an address that this process may use' }], { cause });
  }
}

/** Waits for the first signal to stop; a second one makes `hurry` resolve. */
function stopSignals(context: CommandContext): { readonly first: Promise<void>; readonly second: Promise<void> } {
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<void>();
  let seen = 0;
  context.onStopSignal(() => {
    seen += 1;
    if (seen === 1) first.resolve();
    else second.resolve();
  });
  return { first: first.promise, second: second.promise };
}

/** Serves the agent until a signal ends it. 0: every request was finished; 1: some were cut, or a second signal came. */
export const serve: Command = async (context) => {
  const settings = readSettings(context.environment);
  const server = await buildServer(settings, context);
  const { app, readiness, active } = server;
  const signals = stopSignals(context);
  const address = await listen(app, settings);
  readiness.becomeReady();
  app.log.info({ address }, 'ready');
  await signals.first;
  const draining = drain({ server: app.server, close: () => app.close(), readiness, active, clock: systemClock, log: app.log, timeoutMilliseconds: settings.drainTimeoutMilliseconds });
  const outcome = await Promise.race([draining, signals.second.then(() => 'hurried' as const)]);
  if (outcome === 'hurried') return 1;
  await server.closeOutgoing();
  app.log.info({ outcome }, 'stopped');
  return outcome === 'finished' ? 0 : 1;
};
