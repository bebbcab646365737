import type { Controller } from '@sluice/kube';
import type { AgentControllerOptions } from './agent/controller.ts';
import type { Caches } from './caches.ts';
import { revisionObjectName } from './children/index.ts';
import { evalRunController } from './evaluation/index.ts';

export type EvalRunOptions = Omit<AgentControllerOptions, 'caches'> & { readonly caches: Caches };

/** The EvalRun controller of one set of caches; it finds a revision's pods in the revision's own record. */
export function makeEvalRunController(options: EvalRunOptions): Controller {
  const { caches, revisions } = options;
  return evalRunController({
    ...options,
    informers: { evalRuns: caches.evalRuns, evalSuites: caches.suites, configMaps: caches.configMaps, jobs: caches.jobs, pods: caches.pods },
    templates: {
      find: (namespace, agentName, revision) => {
        const configMap = caches.configMaps.store.get({ namespace, name: revisionObjectName(agentName, revision) });
        return configMap === undefined ? undefined : revisions.record(configMap)?.podTemplate;
      },
    },
  });
}
