import type { ModelProvider } from '@sluice/crds';
import type { Volume, VolumeMount } from '@sluice/kube';
import { otherKeysMountPath, providerKeyFile, providerKeyVolumeName } from './pod-names.ts';

/** Of providers beside the agent's, those that have a key. */
export function withKeys(providers: readonly ModelProvider[]): readonly ModelProvider[] {
  return providers.filter(({ spec }) => spec.apiKeySecretRef !== undefined);
}

/** A volume is named by a DNS label of 63 characters, as the provider is. */
function volumeName({ metadata: { name } }: ModelProvider): string {
  return `${providerKeyVolumeName}-${name}`.slice(0, 63).replace(/-+$/, '');
}

/** Optional, as the key of the agent's own provider is: so the container starts and says what is missing. */
export function otherKeyVolume(provider: ModelProvider): Volume {
  const { name = '', key = '' } = provider.spec.apiKeySecretRef ?? {};
  return { name: volumeName(provider), secret: { secretName: name, items: [{ key, path: providerKeyFile }], defaultMode: 0o440, optional: true } };
}

export function otherKeyMount(provider: ModelProvider): VolumeMount {
  return { name: volumeName(provider), mountPath: `${otherKeysMountPath}/${provider.metadata.name}`, readOnly: true };
}
