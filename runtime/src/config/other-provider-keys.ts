import type { AgentBundle } from '@sluice/crds';
import type { Environment } from './environment.ts';
import { openProviderKey, type ProviderKey } from './provider-key.ts';

/** The keys of the providers that stand in for the agent's. */
export interface OtherProviderKeys {
  /** Of a ModelProvider that the bundle names. */
  readonly of: (provider: string) => ProviderKey;
  readonly all: () => readonly ProviderKey[];
  /** Every key seen so far: what no log line may hold. */
  readonly secrets: () => readonly string[];
}

const defaultFolder = '/etc/sluice/provider-keys';

/** The file of a provider's key within the folder of its name. */
export const otherProviderKeyFile = 'api-key';

function namedProviders({ model }: AgentBundle): readonly { readonly name: string; readonly provider: AgentBundle['model']['provider'] }[] {
  return [...(model.fallbacks ?? []), ...(model.tiers ?? [])].flatMap(({ provider }) => (provider.name === undefined ? [] : [{ name: provider.name, provider }]));
}

/**
 * Each is in `<folder>/<name of the ModelProvider>/api-key`, the folder being SLUICE_PROVIDER_KEYS_DIR. A provider with an endpoint of its
 * own may have none. Throws ConfigError; its text never holds a key.
 */
export function openOtherProviderKeys(environment: Environment, bundle: AgentBundle): OtherProviderKeys {
  const folder = environment['SLUICE_PROVIDER_KEYS_DIR']?.trim() || defaultFolder;
  const keys = new Map<string, ProviderKey>();
  for (const { name, provider } of namedProviders(bundle)) {
    if (!keys.has(name)) keys.set(name, openProviderKey({ SLUICE_PROVIDER_API_KEY_FILE: `${folder}/${name}/${otherProviderKeyFile}` }, provider, 'another'));
  }
  return {
    of: (provider) => {
      const key = keys.get(provider);
      if (key === undefined) throw new RangeError(`the bundle names no provider ${provider}`);
      return key;
    },
    all: () => [...keys.values()],
    secrets: () => [...keys.values()].flatMap((key) => key.secrets()),
  };
}
