import { evalCase, type EvalRun, type EvalSuiteSpec, type StoredSuiteSpec, withCaseDefaults } from '@sluice/crds';
import { digestOfCase } from '@sluice/evals/results';
import type { ConfigMap } from '@sluice/kube';
import { childMetadata } from './child-metadata.ts';
import { suiteDigest } from './suite-digest.ts';

export const suiteFileName = 'suite.json';
export const trialsFileName = 'trials.jsonl';
export const digestsFileName = 'digests.json';

/** The API server's limit for the data of a ConfigMap, bytes. */
export const maxSuiteBytes = 1_048_576;

export type SuiteConfigMap = { readonly kind: 'ConfigMap'; readonly configMap: ConfigMap } | { readonly kind: 'TooLarge'; readonly message: string };

/**
 * The cases of a run, frozen: the eval container reads exactly these, whatever happens to the EvalSuite. The file holds the EvalSuite's spec. Beside it, where
 * there is room, the digests of its cases, and what the judge said of its examples in other runs.
 */
export function suiteConfigMap(evalRun: EvalRun, suite: StoredSuiteSpec, trials = ''): SuiteConfigMap {
  const text = JSON.stringify(withCaseDefaults(suite));
  const bytes = Buffer.byteLength(text, 'utf8');
  if (bytes > maxSuiteBytes) {
    const message = `suite "${evalRun.spec.suite.name}" has ${bytes} bytes as JSON, but a ConfigMap holds ${maxSuiteBytes}: move cases into a file (spec.casesFrom) or split it into several EvalSuites`;
    return { kind: 'TooLarge', message };
  }
  const data = [[digestsFileName, digestsOf(withCaseDefaults(suite))], [trialsFileName, trials]].reduce(withFile, { [suiteFileName]: text });
  return { kind: 'ConfigMap', configMap: { apiVersion: 'v1', kind: 'ConfigMap', metadata: childMetadata(evalRun), immutable: true, data } };
}

type Files = Readonly<Record<string, string>>;

function withFile(files: Files, [name = '', content = '']: readonly string[]): Files {
  const bytes = [...Object.values(files), content].reduce((sum, each) => sum + Buffer.byteLength(each, 'utf8'), 0);
  return content === '' || bytes > maxSuiteBytes ? files : { ...files, [name]: content };
}

/** By name. Images of two revisions may read a case with other defaults; their results are those of one case all the same. */
function digestsOf({ cases }: EvalSuiteSpec): string {
  const digests = cases.flatMap((each) => {
    const read = evalCase.safeParse(each).data;
    return read === undefined ? [] : [[read.name, digestOfCase(read)] as const];
  });
  return digests.length === 0 ? '' : JSON.stringify(Object.fromEntries(digests));
}

/** Which of the files that need not be there are: for the Job, which mounts them. */
export function furtherFiles({ data = {} }: Pick<ConfigMap, 'data'>): readonly string[] {
  return [digestsFileName, trialsFileName].filter((name) => data[name] !== undefined);
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
