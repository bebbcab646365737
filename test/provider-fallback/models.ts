import type { AgentBundle, BundleModel } from '@sluice/crds';
import { systemClock } from '../../runtime/src/platform/clock-system.ts';
import { createModelClient, type ModelClientOptions, type OpenModelClient } from '../../runtime/src/providers/create-model-client.ts';
import { bundleFixture } from '../../runtime/src/testing/bundle-fixture.ts';

type Kind = 'Anthropic' | 'OpenAI';

export function endpointOf(kind: Kind, url: string): string {
  return kind === 'OpenAI' ? `${url}/v1` : url;
}

/** A model of the simulator at `url`, as a fallback or a tier names it. */
export function modelAt(kind: Kind, url: string, name: string): NonNullable<BundleModel['fallbacks']>[number] {
  return { provider: { kind, endpoint: endpointOf(kind, url) }, name, parameters: { maxOutputTokens: 256 } };
}

export function bundleFor(kind: Kind, url: string, changes: Partial<BundleModel> = {}, more: Partial<AgentBundle> = {}): AgentBundle {
  const base = bundleFixture();
  return { ...base, ...more, model: { ...base.model, provider: { kind, endpoint: endpointOf(kind, url) }, ...changes } };
}

/** The models of a bundle through the real SDKs. */
export async function openModels(bundle: AgentBundle, more: Partial<ModelClientOptions> = {}): Promise<OpenModelClient> {
  const key = { current: () => 'sk-current', reload: () => 'same' as const, secrets: () => [] };
  return await createModelClient({ bundle, key, clock: systemClock, random: { fraction: () => 0, id: () => crypto.randomUUID() }, observe: () => {}, ...more });
}
