import type { ModelProvider } from '@sluice/crds';
import { badInput } from './manifests.ts';

const ownVariables = ['SLUICE_PROVIDER_API_KEY_FILE', 'SLUICE_PROVIDER_API_KEY'] as const;

/** Where people have the key of a provider already. */
const customary: Readonly<Partial<Record<ModelProvider['spec']['kind'], string>>> = { Anthropic: 'ANTHROPIC_API_KEY', OpenAI: 'OPENAI_API_KEY' };

type Variables = Readonly<Record<string, string>>;

/**
 * The variables by which the runtime gets the key of a provider. Like a pod, it gets none where the manifest names no Secret. The
 * customary variables are taken for the provider's own endpoint alone: a manifest must not send somebody's key elsewhere. Throws
 * CliError (badInput) without a key; its text never holds one.
 */
export function keyVariables({ metadata, spec }: ModelProvider, env: Readonly<Record<string, string | undefined>>): Variables {
  const usesOwnEndpoint = spec.endpoint === undefined;
  if (spec.apiKeySecretRef === undefined && !usesOwnEndpoint) return {};
  for (const name of ownVariables) {
    const value = env[name]?.trim();
    if (value) return { [name]: value };
  }
  const named = usesOwnEndpoint ? customary[spec.kind] : undefined;
  const key = named === undefined ? undefined : env[named]?.trim();
  if (key) return { SLUICE_PROVIDER_API_KEY: key };
  const names = [...ownVariables.toReversed(), ...(named === undefined ? [] : [named])].join(', ');
  throw badInput(`ModelProvider/${metadata.name}: spec.apiKeySecretRef asks for a key, and none of the variables ${names} is set: set one; Secrets are not read, neither from files nor from a cluster`);
}
