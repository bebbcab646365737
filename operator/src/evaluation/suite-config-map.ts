import { type EvalRun, type EvalSuiteSpec, type StoredSuiteSpec, withCaseDefaults } from '@sluice/crds';
import type { ConfigMap } from '@sluice/kube';
import { childMetadata } from './child-metadata.ts';
import { suiteDigest } from './suite-digest.ts';

export const suiteFileName = 'suite.json';
export const trialsFileName = 'trials.jsonl';

/** The API server's limit for the data of a ConfigMap, bytes. */
export const maxSuiteBytes = 1_048_576;

export type SuiteConfigMap = { readonly kind: 'ConfigMap'; readonly configMap: ConfigMap } | { readonly kind: 'TooLarge'; readonly message: string };

/**
 * The cases of a run, frozen: the eval container reads exactly these, whatever happens to the EvalSuite. The file holds the EvalSuite's spec. Beside it, where
 * there is room, what the judge said of its examples in other runs.
 */
export function suiteConfigMap(evalRun: EvalRun, suite: StoredSuiteSpec, trials = ''): SuiteConfigMap {
  const text = JSON.stringify(withCaseDefaults(suite));
  const bytes = Buffer.byteLength(text, 'utf8');
  if (bytes > maxSuiteBytes) {
    const message = `suite "${evalRun.spec.suite.name}" has ${bytes} bytes as JSON, but a ConfigMap holds ${maxSuiteBytes}: move cases into a file (spec.casesFrom) or split it into several EvalSuites`;
    return { kind: 'TooLarge', message };
  }
  const hasRoom = trials !== '' && bytes + Buffer.byteLength(trials, 'utf8') <= maxSuiteBytes;
  const data = { [suiteFileName]: text, ...(hasRoom ? { [trialsFileName]: trials } : {}) };
  return { kind: 'ConfigMap', configMap: { apiVersion: 'v1', kind: 'ConfigMap', metadata: childMetadata(evalRun), immutable: true, data } };
}

/** The suite that a ConfigMap of {@link suiteConfigMap} holds; undefined when it is not the one that the run names by its digest. */
export function frozenSuite(evalRun: EvalRun, configMap: ConfigMap): EvalSuiteSpec | undefined {
  // What has the digest of a suite that the API server took is that suite.
  const found = parseJson(configMap.data?.[suiteFileName] ?? '') as StoredSuiteSpec | undefined;
  return found !== undefined && suiteDigest(found) === evalRun.spec.suite.digest ? withCaseDefaults(found) : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
