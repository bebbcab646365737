import type { FastifyInstance } from 'fastify';
import { ConfigError } from '../config/config-error.ts';
import { readSettings, type Settings } from '../config/environment.ts';
import { drain } from '../lifecycle/drain.ts';
import { systemClock } from '../platform/clock-system.ts';
import { buildServers } from './build-servers.ts';
import type { Command, CommandContext } from './command.ts';

interface Address {
  readonly host: string;
  readonly port: number;
  /** The variable that names the port. */
  readonly variable: 'SLUICE_PORT' | 'SLUICE_MIRROR_PORT';
}

/** Starts to listen and gives the URL. Throws ConfigError when the address cannot be had. */
async function listen(app: FastifyInstance, { host, port, variable }: Address): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
    throw new ConfigError([{ field: variable, value: port, problem: `cannot be listened on at ${host}: ${code}`, fix: `Free the port, or set SLUICE_HOST and ${variable} to an address that this process may use` }], { cause });
  }
}

async function listenAll({ app, mirror }: { readonly app: FastifyInstance; readonly mirror: FastifyInstance | undefined }, { host, port, mirrorPort }: Settings): Promise<void> {
  const address = await listen(app, { host, port, variable: 'SLUICE_PORT' });
  const mirrorAddress = mirror === undefined ? undefined : await listen(mirror, { host, port: mirrorPort, variable: 'SLUICE_MIRROR_PORT' });
  app.log.info({ address, mirror_address: mirrorAddress }, 'ready');
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
  const built = await buildServers(settings, context);
  const { app, mirror, readiness, active } = built;
  const signals = stopSignals(context);
  await listenAll(built, settings);
  readiness.becomeReady();
  await signals.first;
  const apps = mirror === undefined ? [app] : [app, mirror];
  const close = async (): Promise<void> => {
    await Promise.all(apps.map((each) => each.close()));
  };
  const draining = drain({ servers: apps.map(({ server }) => server), close, readiness, active, clock: systemClock, log: app.log, timeoutMilliseconds: settings.drainTimeoutMilliseconds });
  const outcome = await Promise.race([draining, signals.second.then(() => 'hurried' as const)]);
  if (outcome === 'hurried') return 1;
  await built.closeOutgoing();
  app.log.info({ outcome }, 'stopped');
  return outcome === 'finished' ? 0 : 1;
};
