import type { AgentDeployment } from '@sluice/crds';
import { isTerminal } from '@sluice/operator/src/release/decision.ts';
import type { ReleaseLedger } from '@sluice/operator/src/agent/ledger/releases.ts';
import { wantedRevision } from '../intents/situation.ts';
import type { Facts } from './facts.ts';
import { editOfLacking } from './lacking.ts';
import { suiteCauses } from './suite-causes.ts';
import { podTrouble } from './trouble.ts';

/** A change of an object that cures what a release failed of, or stands for. */
export interface Edit {
  /** With the field, or the object, by name. */
  readonly what: string;
  /** Kind and name, where it is not the AgentDeployment. */
  readonly object?: string;
  /** When another try of the same content makes sense. */
  readonly retry: string;
}

const again = 'try the same content again, only where the cause was outside of it';

/** Undefined where nothing failed and nothing is lacking, and where what the spec asks for serves. What is lacking goes before what failed of it. */
export function editOf(facts: Facts, ledger: ReleaseLedger): Edit | undefined {
  const { agent, phase, status } = facts;
  const trouble = podTrouble(facts);
  const hasFailed = phase === 'RolledBack' && wantedRevision(agent) !== ledger.stableRevision;
  const lacking = editOfLacking([trouble, ...(isTerminal(phase) ? [] : suiteCauses(facts)), agent.status?.message, hasFailed ? status.message : undefined].filter((text) => text !== undefined));
  if (lacking !== undefined) return lacking;
  if (trouble !== undefined) return ofPods(trouble, agent);
  if (hasFailed) return ofReason(facts) ?? ofPods(status.message ?? '', agent);
  // Pods of what serves fail, too, without a release on its way.
  return isTerminal(phase) && agent.status?.phase === 'Degraded' ? ofPods(agent.status.message ?? '', agent) : undefined;
}

function ofReason({ agent, status: { reason = '' } }: Facts): Edit | undefined {
  switch (reason) {
    case 'EvaluationFailed': {
      const { field, object } = promptOf(agent);
      return { what: `change what failed, most likely the prompt (${field}): the same content fails the same way`, ...(object === undefined ? {} : { object }), retry: `${again}: the provider, a tool, the suite` };
    }
    case 'ObjectiveFailed':
      return { what: `change what failed: the prompt (${promptOf(agent).field}), spec.agent.model${(agent.spec.agent.tools ?? []).length === 0 ? '' : ', a tool (spec.agent.tools)'} or spec.agent.image`, retry: `${again}: the provider, a tool` };
    case 'PodsCrash':
      return { what: 'change what its containers crash of (spec.agent)', retry: `${again}: a node, something that its pods need` };
    case 'MaxDurationExceeded':
    case 'Inconclusive':
      return { what: 'give it longer, or gates that its traffic can decide (spec.rollout.maxDuration, spec.rollout.gates); then retry', retry: 'try it again: what was measured is carried on' };
    case 'RouteRefused':
      return { what: 'correct the route (spec.route), if it is not the Gateway; then retry', retry: 'try it again, once the Gateway takes the route' };
    case 'DependencyCycle':
      return { what: 'take one of the agents out of spec.rollout.dependsOn; then retry', retry: 'try it again, once nothing depends on itself' };
    default:
      return undefined;
  }
}

/** What keeps pods from being there, by the words of the cluster. */
function ofPods(words: string, agent: AgentDeployment): Edit | undefined {
  const [, container] = /container (\S+): (?:ErrImagePull|ImagePullBackOff|InvalidImageName)\b/.exec(words) ?? [];
  if (container === 'agent') return { what: 'correct the image (spec.agent.image): it cannot be pulled', retry: `${again}: the registry, or a Secret for it` };
  const [, quota] = /exceeded quota: ([a-z0-9.-]*[a-z0-9])/.exec(words) ?? [];
  if (quota !== undefined) return { what: `raise the quota: a release needs room for new pods beside those that serve${served(agent)}`, object: `resourcequota ${quota}`, retry: 'try it again, once the quota has room' };
  const isUnready = /container \S+: [A-Z]|finds no node|pods are refused|were not ready for/.test(words);
  return isUnready ? { what: 'change what keeps its pods from being ready, if it is in the spec (spec.agent)', retry: `${again}: nodes, something that its pods need` } : undefined;
}

function served({ status }: AgentDeployment): string {
  const { readyReplicas = 0 } = status?.stable ?? {};
  return readyReplicas === 0 ? '' : ` (${readyReplicas} now)`;
}

/** Where the text of the prompt is, and in which other object. */
function promptOf({ spec: { agent: { prompt } } }: AgentDeployment): { readonly field: string; readonly object?: string } {
  const { configMapKeyRef } = prompt;
  if (configMapKeyRef === undefined) return { field: 'spec.agent.prompt.inline' };
  return { field: `key "${configMapKeyRef.key}" of the ConfigMap that spec.agent.prompt.configMapKeyRef names`, object: `configmap ${configMapKeyRef.name}` };
}
