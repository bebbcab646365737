import type { Controller } from '@sluice/kube';
import type { AgentControllerOptions } from './agent/controller.ts';
import type { Caches } from './caches.ts';
import { revisionObjectName } from './children/index.ts';
import { evalRunController, type EvalRunControllerOptions, trackingController, type ResultsReader, type TrackingServer } from './evaluation/index.ts';

export type EvalRunOptions = Omit<AgentControllerOptions, 'caches'> & { readonly caches: Caches; readonly results: ResultsReader };

/** The EvalRun controller of one set of caches; it finds a revision's pods and what they may reach in the revision's own record. */
export function makeEvalRunController(options: EvalRunOptions): Controller {
  const { caches, revisions } = options;
  return evalRunController({
    ...options,
    agents: caches.agents,
    informers: informersFor(caches),
    revisions: {
      find: (namespace, agentName, revision) => {
        const configMap = caches.configMaps.store.get({ namespace, name: revisionObjectName(agentName, revision) });
        return configMap === undefined ? undefined : revisions.record(configMap);
      },
    },
  });
}

/** Tells the runs of one set of caches to a tracking server. */
export function makeTrackingController(options: EvalRunOptions, server: TrackingServer): Controller {
  return trackingController({ ...options, agents: options.caches.agents, informers: informersFor(options.caches), server });
}

function informersFor(caches: Caches): EvalRunControllerOptions['informers'] {
  return {
    evalRuns: caches.evalRuns, evalSuites: caches.suites, releases: caches.releases, configMaps: caches.configMaps,
    networkPolicies: caches.networkPolicies, jobs: caches.jobs, pods: caches.pods,
  };
}
