import type { AgentDeploymentStatus, Condition, Release } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { agentOf, healthyStatus, nowAt, progressingStatus, promoted, releaseOf, rolledBack, view } from '../fixtures/views.ts';
import { explain } from './explanation.ts';

function offered(status: AgentDeploymentStatus, releases: readonly Release[]): readonly string[] {
  const agent = agentOf(status);
  return explain({ ...view(agent, releases), agent }, { now: nowAt(52), options: [] }).commands.map(({ what, command }) => `${command} (${what})`);
}

const ready = (reason: string, message: string): Condition => ({ type: 'Ready', status: 'False', reason, message, lastTransitionTime: '', observedGeneration: 4 });
const unusable = (reason: string, message: string): AgentDeploymentStatus => ({ ...healthyStatus, phase: 'Degraded', revision: 'r2', message, conditions: [ready(reason, message)] });
const edit = 'kubectl edit agentdeployment support -n demo';

describe('of a spec that cannot be used the field is offered first, with its value and what to write', () => {
  it.each<[string, string, string, string]>([
    ['a misnamed ModelProvider', 'ProviderNotFound', 'spec.agent.model.providerRef.name: there is no ModelProvider "simulatr" in this namespace; create it; revision r1 keeps serving', 'correct spec.agent.model.providerRef.name: there is no ModelProvider "simulatr" in this namespace, or create it'],
    ['a fallback', 'ProviderNotFound', 'spec.agent.model names the ModelProvider "simm" in fallbacks or tiers, and there is none in this namespace; create it', 'correct spec.agent.model: names the ModelProvider "simm" in fallbacks or tiers, and there is none in this namespace, or create it'],
    ['a prompt', 'PromptNotFound', 'spec.agent.prompt.configMapKeyRef.key: ConfigMap "prompts" has no text under "v2"; it has v1; revision r1 keeps serving; release support-3 stands until then, with 25 % of the traffic for revision r3, which is not promoted', 'correct spec.agent.prompt.configMapKeyRef.key: ConfigMap "prompts" has no text under "v2"; it has v1'],
    ['what the pods refer to', 'ReferenceNotFound', 'spec.template.spec.containers[name=agent].envFrom[0].configMapRef names the ConfigMap "settings", which does not exist in this namespace: create it, or write optional: true beside the name', 'correct spec.template.spec.containers[name=agent].envFrom[0].configMapRef: names the ConfigMap "settings", which does not exist in this namespace: create it, or write optional: true beside the name'],
  ])('%s', (_, reason, message, what) => {
    for (const releases of [[], [promoted], [promoted, rolledBack]]) expect(offered(unusable(reason, message), releases)[0]).toBe(`${edit} (${what})`);
    expect(offered(unusable(reason, message), [promoted, rolledBack]).join(), 'what failed before').not.toContain('prompt.inline');
  });

  it.each([[['demo', 'simulator'], ', or create it; "simulator" is there'], [['demo'], ', or create it'], [[], ', or create it']])('with the name that may be meant, of %j', (providers, end) => {
    const agent = agentOf(unusable('ProviderNotFound', 'spec.agent.model.providerRef.name: there is no ModelProvider "simulatr" in this namespace; create it'));
    const [first] = explain({ ...view(agent, [promoted]), agent, providers }, { now: nowAt(52), options: [] }).commands;
    expect(first?.what).toBe(`correct spec.agent.model.providerRef.name: there is no ModelProvider "simulatr" in this namespace${end}`);
  });

  it('no other reason is taken for one', () => {
    expect(offered(unusable('NameTaken', 'spec.x: something else'), [promoted])).toEqual([]);
  });
});

describe('an object that is named and lacking is offered before what failed of it', () => {
  const keyOf = 'the key is "api-key" of Secret "my-key" (spec.apiKeySecretRef of ModelProvider "simm")';
  const evaluating = (message: string) => releaseOf(3, 'r3', { phase: 'Evaluating', evaluations: [{ suite: 'golden', attempt: 1, evalRun: 'x', verdict: 'NotMeasured', message }] });
  const gone = (message: string) => releaseOf(2, 'r2', { phase: 'RolledBack', reason: 'PodsCrash', message });

  it.each<[string, AgentDeploymentStatus, Release, string]>([
    ['the Secret of a provider, for which a suite waits', progressingStatus, evaluating('suite "golden" waits: Secret "my-key" does not exist in this namespace (spec.apiKeySecretRef of ModelProvider "simm"); create it'), 'kubectl edit modelprovider simm -n demo (create Secret "my-key", or correct spec.apiKeySecretRef of ModelProvider "simm", which names it)'],
    ['the same, where nobody knows which provider names it', progressingStatus, evaluating('suite "golden" waits: Secret "my-key" does not exist in this namespace (spec.apiKeySecretRef of the ModelProvider); create it'), `${edit} (create Secret "my-key", or correct spec.apiKeySecretRef of ModelProvider, which names it)`],
    ['a key of which a container speaks', { ...progressingStatus, phase: 'Degraded', message: `support-3: its pods crash: SLUICE_PROVIDER_API_KEY_FILE names a file that cannot be read; ${keyOf}` }, evaluating('suite "golden" is running'), 'kubectl edit modelprovider simm -n demo (see that Secret "my-key" exists, and that its key "api-key" is the one that the provider gave you, or correct spec.apiKeySecretRef of ModelProvider "simm", which names it)'],
    ['a key of pods that served before', { ...healthyStatus, phase: 'Degraded', message: `No pod is ready to serve: CrashLoopBackOff SLUICE_PROVIDER_API_KEY_FILE; ${keyOf}` }, promoted, 'kubectl edit modelprovider simm -n demo (see that Secret "my-key"'],
    ['a Secret that the kubelet does not find', { ...healthyStatus, phase: 'Degraded', message: 'No pod is ready to serve: pod support-r1-a, container agent: CreateContainerConfigError secret "shop-db" not found' }, promoted, `${edit} (create Secret "shop-db", or correct what names it (spec.agent, spec.template))`],
    ['a key that it does not find', { ...healthyStatus, phase: 'Degraded', message: "No pod is ready to serve: pod support-r1-a, container agent: CreateContainerConfigError couldn't find key url in Secret demo/shop-db" }, promoted, `${edit} (add key "url" to Secret "shop-db", or correct what names it (spec.agent, spec.template))`],
    ['an image of what serves', { ...healthyStatus, phase: 'Degraded', message: 'No pod is ready to serve: pod support-r1-a, container agent: ImagePullBackOff no such image' }, promoted, `${edit} (correct the image (spec.agent.image): it cannot be pulled)`],
    ['a suite', progressingStatus, evaluating('EvalSuite "goldn" does not exist in this namespace; create it'), `${edit} (create EvalSuite "goldn", or correct spec.rollout.gates.evals[].suiteRef.name, which names it)`],
    ['the file of a suite', progressingStatus, evaluating('suite "golden" waits: ConfigMap "more" does not exist in this namespace (spec.casesFrom[0].configMap.name of EvalSuite "golden"); create it'), 'kubectl edit evalsuite golden -n demo (create ConfigMap "more", or correct spec.casesFrom[0].configMap.name of EvalSuite "golden", which names it)'],
    ['of what failed', { ...healthyStatus, phase: 'Degraded', revision: 'r2' }, gone(`they crashed; ${keyOf}`), 'kubectl edit modelprovider simm -n demo (see that Secret "my-key"'],
  ])('%s', (_, status, release, says) => {
    expect(offered(status, release === promoted ? [promoted] : [promoted, release])[0]).toContain(says);
  });

  it('nothing is lacking where all is well', () => {
    expect(offered(healthyStatus, [promoted])).toEqual([]);
  });
});
