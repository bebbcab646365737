import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { defineResource, installCrds, type KubeObject, readCrdFile } from '@sluice/kube';
import { freePorts } from '../../../../hack/src/cluster/free-ports.ts';
import { type Contender, REPLICAS, STEP_SECONDS, STEP_WEIGHTS } from '../contender.ts';
import { SYSTEM_NAMESPACE } from '../controller-user.ts';
import { ARGO_ROLLOUTS, ensureArgoRollouts, moduleFolder } from '../go-modules.ts';

export interface RolloutStatus {
  readonly phase?: string;
  readonly observedGeneration?: string;
  readonly stableRS?: string;
  readonly currentPodHash?: string;
  readonly updatedReplicas?: number;
  readonly availableReplicas?: number;
  readonly replicas?: number;
}

export const rollouts = defineResource({ group: 'argoproj.io', version: 'v1alpha1', plural: 'rollouts', kind: 'Rollout', scope: 'Namespaced' });

/** Its own limits of 40 requests a second leave most of the machine idle; these let it use all. */
const RAISED_LIMITS = ['--qps=1000', '--burst=2000'];

/** The controller with its defaults: 10 workers, leader election, 40 requests a second to the API server. */
export const argo: Contender = argoRollouts('argo', 'Argo Rollouts', []);
export const argoRaised: Contender = argoRollouts('argo-raised', 'Argo Rollouts, client limits raised', RAISED_LIMITS);

function argoRollouts(id: 'argo' | 'argo-raised', name: string, flags: readonly string[]): Contender {
  return {
    id, name,
    resource: rollouts,
    reconciles: { metric: 'rollout_reconcile', labels: {} },
    install: async ({ admin }, call) => {
      const folder = join(await moduleFolder(ARGO_ROLLOUTS, call), 'manifests', 'crds');
      const files = (await readdir(folder)).filter((file) => file.endsWith('-crd.yaml')).toSorted();
      await installCrds(admin, await Promise.all(files.map((file) => readCrdFile(join(folder, file)))), { fieldManager: 'bench' }, call);
    },
    furnish: async () => undefined,
    build: async (_folder, call) => ({ command: await ensureArgoRollouts(call), flags, operands: [], env: {} }),
    launch: async ({ command, flags: given }, { kubeconfig, namespace }) => {
      const [metricsPort, healthPort] = await freePorts(2);
      // As its namespace-install.yaml has it.
      const scope = namespace === undefined ? [] : ['--namespaced', `--namespace=${namespace}`];
      const own = namespace ?? SYSTEM_NAMESPACE;
      return {
        command, args: [`--kubeconfig=${kubeconfig}`, `--metricsPort=${metricsPort}`, `--healthzPort=${healthPort}`, ...scope, ...given],
        env: { POD_NAMESPACE: own, ARGO_ROLLOUTS_NAMESPACE: own },
        readyUrl: `http://127.0.0.1:${healthPort}/healthz`, metricsUrl: `http://127.0.0.1:${metricsPort}/metrics`,
      };
    },
    unit: (place) => unit(place),
    change: { spec: { template: { spec: { containers: [container('changed')] } } } } as object,
    settled: (object) => isPromoted(object, REPLICAS),
  };
}

function unit({ namespace, name }: { readonly namespace: string; readonly name: string }): KubeObject {
  const labels = { app: name };
  const steps = STEP_WEIGHTS.flatMap((setWeight) => [{ setWeight }, { pause: { duration: `${STEP_SECONDS}s` } }]);
  const spec = { replicas: REPLICAS, selector: { matchLabels: labels }, strategy: { canary: { steps } }, template: { metadata: { labels }, spec: { containers: [container('first')] } } };
  return { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', metadata: { namespace, name }, spec } as KubeObject;
}

function container(prompt: string): object {
  return { name: 'agent', image: 'agent:bench', env: [{ name: 'PROMPT', value: prompt }] };
}

/** Whether the present template serves with all replicas and nothing of an older one is left. */
export function isPromoted(object: KubeObject, replicas: number): boolean {
  const { metadata, status = {} } = object as KubeObject & { readonly status?: RolloutStatus };
  return (
    status.phase === 'Healthy' && status.observedGeneration === String(metadata.generation) && status.stableRS === status.currentPodHash
    && status.updatedReplicas === replicas && status.availableReplicas === replicas && status.replicas === replicas
  );
}
