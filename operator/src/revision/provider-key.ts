import type { KeyReference, ModelProvider } from '@sluice/crds';
import type { PodTemplateSpec } from '@sluice/kube';
import { providerKeyVolumeName } from './pod-names.ts';

/** The Secret, and the key in it, that the pods of a revision take the provider's API key from; undefined where they need none. */
export function providerKeyOf({ spec }: PodTemplateSpec): KeyReference | undefined {
  const secret = spec.volumes?.find(({ name }) => name === providerKeyVolumeName)?.['secret'] as { readonly secretName?: string; readonly items?: readonly { readonly key: string }[] } | undefined;
  const [item] = secret?.items ?? [];
  return secret?.secretName === undefined || item === undefined ? undefined : { name: secret.secretName, key: item.key };
}

/** Name of `provider` where it is the one that names the Secret of `key`; it may have been edited since the revision was made. */
export function providerNaming(key: KeyReference | undefined, provider: ModelProvider | undefined): string | undefined {
  return key !== undefined && provider?.spec.apiKeySecretRef?.name === key.name ? provider.metadata.name : undefined;
}

/** What a container says of a key that it did not find, or that the provider does not take: it knows neither name. */
const aboutKey = /SLUICE_PROVIDER_API_KEY|does not accept the API key/;

/** `said` with the names of what a container speaks of where it speaks of the key. `provider`: name of the ModelProvider, where it is known. */
export function withKeyNames(said: string, key: KeyReference | undefined, provider: string | undefined): string {
  return key === undefined || !aboutKey.test(said) ? said : `${said.replace(/\.$/, '')}; the key is "${key.key}" of Secret "${key.name}"${namedBy(provider)}`;
}

/** For a Secret that is known not to exist. */
export function noSuchSecret({ name }: KeyReference, provider: string | undefined): string {
  return `Secret "${name}" does not exist in this namespace${namedBy(provider)}; create it`;
}

function namedBy(provider: string | undefined): string {
  return provider === undefined ? ' (spec.apiKeySecretRef of the ModelProvider)' : ` (spec.apiKeySecretRef of ModelProvider "${provider}")`;
}
