import type { FastifyInstance } from 'fastify';
import { ConfigError } from '../config/config-error.ts';
import { readSettings, type Settings } from '../config/environment.ts';
import { closeWithin } from '../lifecycle/close-within.ts';
import { drain } from '../lifecycle/drain.ts';
import { systemClock } from '../platform/clock-system.ts';
import { createStartingServer } from '../lifecycle/starting-server.ts';
import { buildServers, type BuiltServers, type ServerRole } from './build-servers.ts';
import type { Command, CommandContext } from './command.ts';
import type { DrainedJobs, JobLoop } from './job-loop.ts';

interface Address {
  readonly host: string;
  readonly port: number;
  /** The variable that names the port. */
  readonly variable: 'SLUICE_PORT' | 'SLUICE_MIRROR_PORT';
}

/** Kept back for giving jobs that are not done to other workers. */
const jobHandOverMilliseconds = 2_000;

/** For stores and connections to close, once nothing uses them. Within the 10 s that the operator gives pods after the drain. */
const closeMilliseconds = 5_000;

/** A start that takes longer answers its probes. */
const slowStartMilliseconds = 2_000;

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

/** `stopped`: a signal came while the start waited for something. Nobody was served yet. */
async function buildUnlessStopped(role: ServerRole, context: CommandContext, { settings, stopped }: { readonly settings: Settings; readonly stopped: Promise<void> }): Promise<BuiltServers | 'stopped'> {
  const stop = new AbortController();
  void stopped.then(() => stop.abort(new Error('a signal came while the process started')));
  const onError = (error: unknown): void => context.printError(`The probes cannot be answered while the process starts: ${error instanceof Error ? error.message : 'unknown error'}`);
  const starting = createStartingServer({ host: settings.host, port: settings.port, clock: systemClock, afterMs: slowStartMilliseconds, onError });
  try {
    return await buildServers(settings, context, { role, signal: stop.signal, onStore: (state, why) => (state === 'away' ? starting.tell('store_unavailable', why) : starting.tell('starting')) });
  } catch (error) {
    if (stop.signal.aborted) return 'stopped';
    throw error;
  } finally {
    await starting.close();
  }
}

/** Jobs that could not be given to other workers in time are taken by them when their lease lapses. */
async function handJobsOver(jobs: JobLoop, timeoutMilliseconds: number): Promise<DrainedJobs | 'late'> {
  let drained: DrainedJobs = { finished: 0, handedOver: 0 };
  // A store that hangs must not hold the process.
  const ended = await closeWithin(async () => {
    drained = await jobs.drain(Math.max(0, timeoutMilliseconds - jobHandOverMilliseconds));
  }, { clock: systemClock, milliseconds: timeoutMilliseconds });
  return ended === 'late' ? 'late' : drained;
}

/**
 * Runs the servers of a role until a signal ends them. 0: what could be finished in the time was, who was cut was told so, jobs are handed over and stores closed. 1: a
 * second signal came, or jobs or stores were left as they were.
 */
export async function serveAs(role: ServerRole, context: CommandContext): Promise<number> {
  const settings = readSettings(context.environment);
  const signals = stopSignals(context);
  const built = await buildUnlessStopped(role, context, { settings, stopped: signals.first });
  if (built === 'stopped') return 0;
  const { app, mirror, readiness, active, jobs } = built;
  await listenAll(built, settings);
  jobs.start();
  readiness.becomeReady();
  await signals.first;
  const hurried = signals.second.then(() => 'hurried' as const);
  const apps = mirror === undefined ? [app] : [app, mirror];
  const close = async (): Promise<void> => {
    await Promise.all(apps.map((each) => each.close()));
  };
  const { drainTimeoutMilliseconds: timeoutMilliseconds } = settings;
  const draining = drain({ servers: apps.map(({ server }) => server), close, readiness, active, clock: systemClock, log: app.log, timeoutMilliseconds });
  const drained = await Promise.race([Promise.all([draining, handJobsOver(jobs, timeoutMilliseconds)]), hurried]);
  if (drained === 'hurried') return 1;
  const [{ outcome, requests }, ofJobs] = drained;
  if (ofJobs === 'late') app.log.error('jobs could not be handed over in time; other workers take them when their lease lapses');
  const closed = await Promise.race([closeWithin(built.closeOutgoing, { clock: systemClock, milliseconds: closeMilliseconds }), hurried]);
  if (closed === 'hurried') return 1;
  if (closed === 'late') app.log.error('a store or a server of tools did not close in time');
  const counts = { requests_in_flight: requests.inFlight, requests_cut: requests.cut, ...(ofJobs === 'late' ? {} : { jobs_finished: ofJobs.finished, jobs_handed_over: ofJobs.handedOver }) };
  app.log.info({ outcome, ...counts }, 'stopped');
  return ofJobs === 'late' || closed === 'late' ? 1 : 0;
}

/** Serves the agent until a signal ends it. */
export const serve: Command = (context) => serveAs('serve', context);
