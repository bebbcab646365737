import { createHash } from 'node:crypto';
import { type ModelProviderSpec, type StoredSuiteSpec, withCaseDefaults } from '@sluice/crds';
import { canonicalJson } from '../revision/digest.ts';

/** Digest of all that a suite's result depends on: `sha256:<hex>`. The order of fields does not matter, the order of cases does, and a default is the same whether it is written or not. */
export function suiteDigest(spec: StoredSuiteSpec): string {
  return digestOf(withCaseDefaults(spec));
}

/** Digest of what a ModelProvider says: its key is in a Secret. */
export function providerDigest(spec: ModelProviderSpec): string {
  return digestOf(spec);
}

function digestOf(spec: object): string {
  return `sha256:${createHash('sha256').update(canonicalJson(spec), 'utf8').digest('hex')}`;
}
