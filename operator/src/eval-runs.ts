import type { Controller } from '@sluice/kube';
import type { AgentControllerOptions } from './agent/controller.ts';
import type { Caches } from './caches.ts';
import { revisionObjectName } from './children/index.ts';
import { evalRunController, type EvalRunControllerOptions, type ProvenRevision, trackingController, providerDigest, type ResultsNews, type ResultsReader, type TrackingServer } from './evaluation/index.ts';
import { providerKeyOf, providerNaming, type RevisionRecord } from './revision/index.ts';

export type EvalRunOptions = Omit<AgentControllerOptions, 'caches'> & { readonly caches: Caches; readonly results: ResultsReader & ResultsNews };

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
        const record = configMap === undefined ? undefined : revisions.record(configMap);
        return record === undefined ? undefined : { ...record, ...providerFacts(record, caches) };
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

/** Whose key the pods of a revision use, whether there is one, and what their provider's models cost. */
function providerFacts({ podTemplate, namespace, agent }: RevisionRecord, { agents, providers, secrets }: Caches): Pick<ProvenRevision, 'provider' | 'keySecret' | 'prices' | 'modelProvider'> {
  const key = providerKeyOf(podTemplate);
  const name = agents.store.get({ namespace, name: agent })?.spec.agent.model.providerRef.name ?? '';
  const provider = providers.store.get({ namespace, name });
  const priced = provider === undefined ? {} : { prices: provider.spec.prices, modelProvider: { name, digest: providerDigest(provider.spec) } };
  if (key === undefined) return priced;
  const isMissing = secrets !== undefined && secrets.store.get({ namespace, name: key.name }) === undefined;
  return { ...priced, provider: providerNaming(key, provider), ...(isMissing ? { keySecret: 'Missing' } : {}) };
}
