import { createHash } from 'node:crypto';
import type { EvalSuiteSpec } from '@sluice/crds';
import { canonicalJson } from '../revision/digest.ts';

/** Digest of all that a suite's result depends on: `sha256:<hex>`. The order of fields does not matter, the order of cases does. */
export function suiteDigest(spec: EvalSuiteSpec): string {
  return `sha256:${createHash('sha256').update(canonicalJson(spec), 'utf8').digest('hex')}`;
}
