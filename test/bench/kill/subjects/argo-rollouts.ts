import { configMaps, type KubeObject, replicaSets, type ReplicaSet, services } from '@sluice/kube';
import { argo, isPromoted, type RolloutStatus, rollouts } from '../../operator/contenders/argo-rollouts.ts';
import { REPLICAS, type Wish } from '../story.ts';
import { NAME, type Place, type Stage, type Subject } from '../subject.ts';

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
}

interface Status extends RolloutStatus {
  readonly abort?: boolean;
  readonly pauseConditions?: readonly { readonly reason: string }[];
  readonly conditions?: readonly Condition[];
  readonly currentStepIndex?: number;
  readonly canary?: object;
  readonly collisionCount?: number;
}
interface Rollout extends KubeObject {
  readonly status?: Status;
}

const labels = { app: NAME };
/** No replica is to be missing on the way, as with Sluice; its default is a quarter. */
const SURGE = { maxSurge: 1, maxUnavailable: 0 };
const HOLD = { brief: '2s', held: '1h' } as const;
const DEADLINE_SECONDS = { short: 10, long: 600 } as const;

/** As its getting-started guide has it: one Service for the pods of all versions, whose numbers are the weights. */
export const argoSubject: Subject = {
  contender: argo,
  kinds: [rollouts, replicaSets, services, configMaps],
  statuses: {
    Rollout: (object) => {
      const { conditions = [], pauseConditions = [], phase, abort, stableRS, currentPodHash, currentStepIndex, canary, collisionCount, replicas, updatedReplicas, availableReplicas } = (object as Rollout).status ?? {};
      return {
        phase, abort, stableRS, currentPodHash, currentStepIndex, canary, collisionCount, replicas, updatedReplicas, availableReplicas, pauses: pauseConditions.map(({ reason }) => reason),
        conditions: conditions.map(({ type, status, reason }) => `${type} ${status} ${reason}`).toSorted(),
      };
    },
    ReplicaSet: (object) => (object as ReplicaSet).status?.readyReplicas ?? 0,
  },
  // A hash of the pod template, the same in each run.
  words: () => [],
  manifests: (wish) => [
    { type: services, object: { apiVersion: 'v1', kind: 'Service', metadata: { name: NAME }, spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] } } as KubeObject },
    { type: rollouts, object: rollout(wish) },
  ],
  stage: async ({ admin, namespace, signal }) => stageOf(await admin.get(rollouts, { namespace, name: NAME }, { signal })),
  // As `kubectl argo rollouts abort` does.
  abort: ({ admin, namespace, signal }: Place) => admin.mergePatchStatus(rollouts, { namespace, name: NAME }, { status: { abort: true } } as object, { signal }),
};

export function stageOf(object: KubeObject): Stage {
  const { metadata, status = {} } = object as Rollout;
  if (isPromoted(object, REPLICAS)) return 'Promoted';
  if (status.observedGeneration !== String(metadata.generation)) return 'Moving';
  if (status.abort === true) return status.phase === 'Degraded' ? 'TakenBack' : 'Moving';
  return status.pauseConditions?.some(({ reason }) => reason === 'CanaryPauseStep') === true ? 'Shifting' : 'Moving';
}

function rollout({ image, configMap, steps, deadline }: Wish): KubeObject {
  const spec = {
    replicas: REPLICAS,
    selector: { matchLabels: labels },
    progressDeadlineSeconds: DEADLINE_SECONDS[deadline],
    progressDeadlineAbort: true,
    strategy: { canary: { ...SURGE, steps: [{ setWeight: 25 }, { pause: { duration: HOLD[steps] } }, { setWeight: 50 }, { pause: { duration: HOLD[steps] } }] } },
    template: {
      metadata: { labels },
      spec: {
        containers: [{ name: 'agent', image: `agent:${image}`, volumeMounts: [{ name: 'prompt', mountPath: '/etc/agent' }] }],
        volumes: [{ name: 'prompt', configMap: { name: configMap } }],
      },
    },
  };
  return { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', metadata: { name: NAME }, spec } as KubeObject;
}
