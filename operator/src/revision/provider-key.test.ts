import { expect, it } from 'vitest';
import { noSuchSecret, providerKeyOf, providerNaming, withKeyNames } from './provider-key.ts';
import { sampleProvider, sampleRecord } from './testing/sample-agent.ts';

const key = { name: 'nokey', key: 'api-key' };

it('reads the Secret of the key from the pods of a revision', () => {
  const reference = sampleProvider().spec.apiKeySecretRef;
  expect(reference).toBeDefined();
  expect(providerKeyOf(sampleRecord().podTemplate)).toEqual(reference);
  expect(providerKeyOf({ spec: { containers: [] } })).toBeUndefined();
});

it('names the provider only while it names that Secret', () => {
  const provider = sampleProvider();
  expect(providerNaming(provider.spec.apiKeySecretRef, provider)).toBe(provider.metadata.name);
  expect(providerNaming(key, provider)).toBeUndefined();
  expect(providerNaming(undefined, provider)).toBeUndefined();
});

it.each([
  ['SLUICE_PROVIDER_API_KEY_FILE names a file that cannot be read', 'simm', 'SLUICE_PROVIDER_API_KEY_FILE names a file that cannot be read; the key is "api-key" of Secret "nokey" (spec.apiKeySecretRef of ModelProvider "simm")'],
  ['The model provider does not accept the API key (HTTP 401)', undefined, 'The model provider does not accept the API key (HTTP 401); the key is "api-key" of Secret "nokey" (spec.apiKeySecretRef of the ModelProvider)'],
  ['SLUICE_PROVIDER_API_KEY_FILE names a file. Check it.', 'simm', 'SLUICE_PROVIDER_API_KEY_FILE names a file. Check it; the key is "api-key" of Secret "nokey" (spec.apiKeySecretRef of ModelProvider "simm")'],
  ['out of memory', 'simm', 'out of memory'],
])('%s', (said, provider, names) => {
  expect(withKeyNames(said, key, provider)).toBe(names);
  expect(withKeyNames(said, undefined, provider)).toBe(said);
});

it('says of a Secret that does not exist who names it', () => {
  expect(noSuchSecret(key, 'simm')).toBe('Secret "nokey" does not exist in this namespace (spec.apiKeySecretRef of ModelProvider "simm"); create it');
});
