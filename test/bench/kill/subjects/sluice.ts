import type { AgentDeployment, Release } from '@sluice/crds';
import type { KubeObject } from '@sluice/kube';
import { agentKinds, agentStatuses, revisionWords } from '../../../../operator/src/integration/agent-states.ts';
import { agentDeployments, releases } from '../../../../operator/src/resources.ts';
import { BenchError } from '../../kube/bench-error.ts';
import { PROVIDER, sluice } from '../../operator/contenders/sluice.ts';
import { REPLICAS, type Wish } from '../story.ts';
import { NAME, type Place, PROMPT_KEY, type Stage, type Subject } from '../subject.ts';

const HOLD = { brief: ['2s', '2s'], held: ['1h', '2s'] } as const;
const DEADLINE = { short: '10s', long: '10m' } as const;

/** Without a Gateway: the numbers of pods are the weights. */
export const sluiceSubject: Subject = {
  contender: sluice,
  kinds: agentKinds,
  statuses: agentStatuses,
  words: revisionWords,
  manifests: (wish) => [{ type: agentDeployments, object: agent(wish) }],
  stage: async ({ admin, namespace, signal }) => {
    const [agentDeployment, { items }] = await Promise.all([admin.get(agentDeployments, { namespace, name: NAME }, { signal }), admin.list(releases, { namespace }, { signal })]);
    return stageOf(agentDeployment, items);
  },
  // As `kubectl sluice abort` does.
  abort: async ({ admin, namespace, signal }: Place) => {
    const latest = latestOf((await admin.list(releases, { namespace }, { signal })).items);
    if (latest === undefined) throw new BenchError('there is no release to abort');
    const intent = { verb: 'Abort', revision: latest.spec.revision, requestId: 'the-abort', by: 'user' } as const;
    return admin.mergePatch(releases, { namespace, name: latest.metadata.name }, { spec: { intent } }, { signal });
  },
};

export function stageOf({ metadata, status }: AgentDeployment, found: readonly Release[]): Stage {
  const latest = latestOf(found);
  if (latest?.status?.phase === 'Shifting' && latest.status.stepStartedAt !== undefined) return 'Shifting';
  const told = status?.observedGeneration === metadata.generation && status?.release?.name === latest?.metadata.name && status?.phase !== 'Progressing';
  if (!told || latest?.status?.finishedAt === undefined) return 'Moving';
  return latest.status.phase === 'Promoted' ? 'Promoted' : 'TakenBack';
}

function latestOf(found: readonly Release[]): Release | undefined {
  const numberOf = ({ metadata }: Release): number => Number(metadata.name.split('-').at(-1));
  return found.toSorted((left, right) => numberOf(left) - numberOf(right)).at(-1);
}

function agent({ image, configMap, steps, deadline }: Wish): KubeObject {
  const [first, second] = HOLD[steps];
  return {
    apiVersion: 'sluice.dev/v1alpha1', kind: 'AgentDeployment', metadata: { name: NAME },
    spec: {
      agent: { image: `agent:${image}`, model: { providerRef: { name: PROVIDER }, name: 'sim-1' }, prompt: { configMapKeyRef: { name: configMap, key: PROMPT_KEY } } },
      access: { anonymous: 'Allowed' },
      replicas: REPLICAS,
      rollout: { steps: [{ weight: 25, duration: first }, { weight: 50, duration: second }], progressDeadline: DEADLINE[deadline], maxDuration: '2h' },
    },
  } as KubeObject;
}
