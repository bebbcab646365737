import { connectionFromEnvironment, EventRecorder, healthProblems, KubeClient, KubeMetrics, LeaderElector, PartPool, runInStages, ServerClock, StringPool, systemClock, systemRandom, Transport, WriteTracker } from '@sluice/kube';
import type { Controller, Logger, Random, Runnable } from '@sluice/kube';
import { pino } from 'pino';
import { makeAgentController } from './agent/controller.ts';
import { ChangeSettling } from './agent/observe/change-settling.ts';
import { RevisionCache } from './agent/observe/revision-cache.ts';
import { informersOf, makeCaches } from './caches.ts';
import type { Caches } from './caches.ts';
import type { OperatorConfig } from './config.ts';
import { makeEvalRunController, makeTrackingController } from './eval-runs.ts';
import { mlflowTracking, PodResultsReader } from './evaluation/index.ts';
import { EvidenceSources } from './evidence/index.ts';
import { PageReader } from './evidence/page-reader.ts';
import { leaseMarks } from './lease-marks.ts';
import { ReleaseTurns } from './pacing/release-turns.ts';
import { ProviderStandings } from './provider-watch/provider-standings.ts';
import { ProviderWatch } from './provider-watch/provider-watch.ts';
import { FreezeCalendar } from './release/holds/freeze-calendar.ts';
import { HealthServer } from './server/health-server.ts';
import { registerAgentMetrics } from './telemetry/agent-metrics.ts';
import { registerEvidenceMetrics } from './telemetry/evidence-metrics.ts';
import { makeMetrics } from './telemetry/metrics-registry.ts';
import { registerTurnMetrics } from './telemetry/turn-metrics.ts';

type Call = { readonly signal: AbortSignal };

/** For reconciles to end, and as long again for those that must be broken off; with events and the lease that fits into the 30 s that a pod gets. Milliseconds. */
const drainMs = 8_000;
/** Each call on the wire has a connection, and each connection takes 0.2 MiB. Of the reconciles about half wait for an answer, most of them for their turn with the API server, which answers no sooner when more ask. */
const fewestCalls = 8;

/** Puts the parts together: one transport, one set of caches, and the controllers, which write only while this process leads. */
export class Operator {
  readonly #config: OperatorConfig;
  /** Of all replicas, whatever the clocks of their nodes say: what one has stored, another goes on with. */
  readonly #clock = new ServerClock(systemClock);
  readonly #random: Random = systemRandom;
  readonly #logger: Logger;
  readonly #metrics = makeMetrics();
  readonly #kubeMetrics = new KubeMetrics(this.#metrics.sink);
  readonly #transport: Transport;
  readonly #elector: LeaderElector;
  readonly #writes = new WriteTracker({ clock: this.#clock });
  readonly #client: KubeClient;
  readonly #caches: readonly Caches[];
  /** Of all caches: there are as many of those as namespaces times kinds. */
  readonly #texts = new StringPool({ metrics: this.#kubeMetrics });
  readonly #parts = new PartPool({ metrics: this.#kubeMetrics });
  /** None while this process does not lead. */
  #controllers: readonly Controller[] = [];
  #evidence: EvidenceSources | undefined;
  #turns: ReleaseTurns | undefined;

  constructor(config: OperatorConfig, env: Readonly<Record<string, string | undefined>>, { logger = jsonLines(config) }: { readonly logger?: Logger } = {}) {
    this.#config = config;
    this.#logger = logger;
    this.#transport = new Transport({ connection: connectionFromEnvironment({ env }), clock: this.#clock, random: this.#random, metrics: this.#kubeMetrics, userAgent: 'sluice-operator', onAnswer: (answer) => this.#clock.heard(answer), maxConcurrentCalls: Math.max(fewestCalls, Math.ceil(config.concurrency / 4)) });
    const unfenced = new KubeClient({ transport: this.#transport });
    this.#elector = new LeaderElector({ ...this.#common(), client: unfenced, lease: config.lease, identity: config.identity, marks: leaseMarks(config) });
    this.#client = new KubeClient({ transport: this.#transport, writes: this.#writes, beforeWrite: () => this.#elector.assertLeading() });
    this.#caches = config.namespaces.map((namespace) => makeCaches({ ...this.#common(), client: unfenced, texts: this.#texts, parts: this.#parts, namespace, secrets: config.secrets, shard: config.shard }));
    registerAgentMetrics(this.#metrics.registry, {
      agents: () => this.#caches.flatMap((caches) => caches.agents.store.list()),
      releases: () => this.#caches.flatMap((caches) => caches.releases.store.list()),
    });
    registerEvidenceMetrics(this.#metrics.registry, () => this.#evidence?.kept);
    registerTurnMetrics(this.#metrics.registry, () => this.#turns?.counts);
  }

  /** Until `signal` aborts. Returns the exit code: 0 after an orderly stop, 1 when the lease was lost or a part failed. */
  async run({ signal }: Call): Promise<number> {
    const server = this.#healthServer();
    const port = await server.listen();
    this.#logger.info({ port, namespaces: this.#config.namespaces, shard: this.#config.shard }, 'operator started');
    const election = { name: 'leader election', run: (call: Call) => this.#elector.run((term) => this.#lead(term), call) };
    try {
      // From the last to the first: what a controller is at ends with live caches, and only then is the lease given up.
      await runInStages([this.#informers().map(asPart), [election]], { signal });
      this.#logger.info({}, 'operator stopped');
      return 0;
    } catch (error) {
      this.#logger.error({ err: error }, 'the operator stops because it may not or cannot go on; another replica takes over');
      return 1;
    } finally {
      await server.close();
      await this.#transport.close();
    }
  }

  async #lead(call: Call): Promise<void> {
    this.#logger.info({ lease: this.#config.lease }, 'leading: controllers start');
    const events = new EventRecorder({ client: this.#client, reportingController: 'sluice.dev/operator', reportingInstance: this.#config.identity, clock: this.#clock, logger: this.#logger });
    const evidence = new EvidenceSources({ clock: this.#clock, logger: this.#logger, prometheus: this.#config.prometheus });
    this.#evidence = evidence;
    const results = new PodResultsReader({ clock: this.#clock });
    const providerStandings = new ProviderStandings();
    const options = {
      ...this.#common(),
      client: this.#client,
      caches: this.#caches,
      shard: this.#config.shard,
      events,
      writes: this.#writes,
      concurrency: this.#config.concurrency,
      drainMs,
      revisions: new RevisionCache(),
      settling: new ChangeSettling({ clock: this.#clock }),
      freezes: new FreezeCalendar(),
      providerStandings,
      defaultImage: this.#config.defaultImage,
      evidence,
      results,
    };
    const { mlflow } = this.#config;
    const tracking = mlflow === undefined ? [] : [mlflowTracking(mlflow, this.#clock)];
    const turns = new ReleaseTurns({ limit: this.#config.maxStartingReleases, clock: this.#clock, wake: (key) => agents.enqueue(key) });
    this.#turns = turns;
    const agents: Controller = makeAgentController({ ...options, turns });
    this.#controllers = [
      agents,
      ...this.#caches.map((caches) => makeEvalRunController({ ...options, caches })),
      ...tracking.flatMap((server) => this.#caches.map((caches) => makeTrackingController({ ...options, caches }, server))),
    ];
    // Of a whole fleet, each pod every half minute or seldom.
    const pages = new PageReader({ ...this.#common(), betweenLooks: 'Disconnected' });
    const providerWatch = new ProviderWatch({ ...this.#common(), caches: this.#caches, standings: providerStandings, reader: pages, tell: (key) => agents.enqueue(key) });
    try {
      await runInStages([[events], this.#controllers, [providerWatch]], call);
    } finally {
      await Promise.all([evidence.close(), results.close(), pages.close()]);
    }
  }

  #informers() {
    return this.#caches.flatMap((caches) => informersOf(caches));
  }

  #healthServer(): HealthServer {
    return new HealthServer({
      host: this.#config.host,
      port: this.#config.port,
      problems: (question) => healthProblems({ informers: this.#informers(), controllers: this.#controllers, elector: this.#elector }, question),
      metrics: () => {
        this.#kubeMetrics.collect();
        return this.#metrics.registry.metrics();
      },
    });
  }

  #common() {
    return { clock: this.#clock, random: this.#random, logger: this.#logger, metrics: this.#kubeMetrics };
  }
}

function jsonLines({ logLevel, identity }: OperatorConfig): Logger {
  return pino({ level: logLevel, base: { operator: identity }, timestamp: pino.stdTimeFunctions.isoTime });
}

function asPart(informer: ReturnType<typeof informersOf>[number]): Runnable {
  return { name: `cache of ${informer.type.plural}`, run: (call) => informer.run(call) };
}
