import type { Controller, PodTemplateSpec } from '@sluice/kube';
import type { AgentControllerOptions } from './agent/controller.ts';
import type { Caches } from './caches.ts';
import { revisionObjectName } from './children/index.ts';
import { evalRunController } from './evaluation/index.ts';
import { parseRecord, RevisionError } from './revision/index.ts';

export type EvalRunOptions = Omit<AgentControllerOptions, 'caches'> & { readonly caches: Caches };

/** The EvalRun controller of one set of caches; it finds a revision's pods in the revision's own record. */
export function makeEvalRunController(options: EvalRunOptions): Controller {
  const { caches } = options;
  return evalRunController({
    ...options,
    informers: { evalRuns: caches.evalRuns, evalSuites: caches.suites, configMaps: caches.configMaps, jobs: caches.jobs, pods: caches.pods },
    templates: { find: (namespace, agentName, revision) => templateOf(caches, namespace, revisionObjectName(agentName, revision)) },
  });
}

function templateOf({ configMaps }: Caches, namespace: string, name: string): PodTemplateSpec | undefined {
  const configMap = configMaps.store.get({ namespace, name });
  if (configMap === undefined) return undefined;
  try {
    return parseRecord(configMap).podTemplate;
  } catch (error) {
    if (error instanceof RevisionError) return undefined;
    throw error;
  }
}
