import type { AgentDeployment } from '@sluice/crds';
import { revisionDigest } from '../../revision/index.ts';
import type { RevisionRecord } from '../../revision/index.ts';

/**
 * The digest of spec.agent, with the text of its prompt in place of a reference and what is not said as it is rendered. Unlike the digest of
 * a revision it does not cover what else that is made of: the provider's endpoint, spec.template, other ConfigMaps, the operator's image.
 */
export function agentDigestOf({ spec: { agent } }: Pick<AgentDeployment, 'spec'>, { bundle }: Pick<RevisionRecord, 'bundle'>): string {
  const { image, imagePullPolicy, model: { providerRef, fallbacks, tiers }, prompt } = agent;
  const { name, parameters, tryTimeoutMs, retries, hedging, promptCaching, responseCache } = bundle.model;
  const { tools, limits, openapi, knowledge, guardrails, budgets, precision, interfaces } = bundle;
  return revisionDigest({ image, imagePullPolicy, model: { provider: providerRef.name, name, parameters, fallbacks, tiers, tryTimeoutMs, retries, hedging, promptCaching, responseCache }, prompt: prompt.inline ?? bundle.prompt, tools, limits, openapi, knowledge, guardrails, budgets, precision, interfaces });
}
