import { Controller, selfKeys, silentLogger, source } from '@sluice/kube';
import { lookAgainIfOvertaken } from '../../writes/overtaken.ts';
import { type EvalRunControllerOptions, isLeftAlone } from '../controller.ts';
import { isToBeTold, TrackingReconciler } from './reconciler.ts';
import type { TrackingServer } from './tracking-server.ts';

export type TrackingControllerOptions = Pick<EvalRunControllerOptions, 'client' | 'shard' | 'informers' | 'agents' | 'clock' | 'logger' | 'metrics' | 'writes' | 'random' | 'drainMs'> & { readonly server: TrackingServer };

/** Milliseconds for one run: some ten calls, each with a limit of its own. */
const reconcileDeadlineMs = 300_000;

/** Tells ended runs to a tracking server, one at a time and beside the evaluations: a server that hangs holds up no release. */
export function trackingController(options: TrackingControllerOptions): Controller {
  const { client, informers: { evalRuns }, server, logger, clock, metrics, writes, random, drainMs } = options;
  const reconciler = new TrackingReconciler({ client, evalRunType: evalRuns.type, evalRuns: evalRuns.store, server });
  return new Controller({
    name: 'evalrun-tracking',
    reconcile: (key, call) => lookAgainIfOvertaken(key, logger ?? silentLogger, async () => (isLeftAlone(key, options) ? {} : reconciler.reconcile(key, call))),
    // Its own word of an attempt that failed is no reason for another one.
    sources: [source({ informer: evalRuns, keys: (run) => (isToBeTold(run) ? selfKeys(run) : []), predicate: (event) => event.type !== 'updated' || event.object.status?.tracking === undefined })],
    reconcileDeadlineMs,
    clock,
    ...(logger === undefined ? {} : { logger }),
    ...(metrics === undefined ? {} : { metrics }),
    ...(writes === undefined ? {} : { writes }),
    ...(random === undefined ? {} : { random }),
    ...(drainMs === undefined ? {} : { drainMs }),
  });
}
