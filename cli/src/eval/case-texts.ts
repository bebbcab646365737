import type { CaseFileSource, EvalSuiteSpec } from '@sluice/crds';
import { type CaseSource, casesOfFile } from '@sluice/evals';
import { badInput, configMapText, type Manifest } from './manifests.ts';

/** A file of spec.casesFrom, as it is here. */
export interface CaseText {
  /** `<index>/<name>`, as the runtime looks for it. */
  readonly path: string;
  readonly text: string;
  readonly format: CaseFileSource['format'];
}

/** The suite without the one file that is in a volume, where a copy of it is named. Throws CliError (badInput) for a volume without one. */
export function withoutClaim(spec: EvalSuiteSpec, suite: string, casesFile: string | undefined): EvalSuiteSpec {
  const { casesFrom = [], ...rest } = spec;
  const index = casesFrom.findIndex(({ persistentVolumeClaim }) => persistentVolumeClaim !== undefined);
  if (index === -1) return spec;
  const here = casesFrom.filter(({ persistentVolumeClaim }) => persistentVolumeClaim === undefined);
  const claim = casesFrom[index]?.persistentVolumeClaim?.claimName ?? '';
  if (casesFile === undefined || here.length < casesFrom.length - 1) throw badInput(`EvalSuite/${suite}: spec.casesFrom[${index}] is a file of PersistentVolumeClaim "${claim}", which is not here: name a copy of it by --cases; only one can be replaced`);
  return { ...rest, ...(here.length === 0 ? {} : { casesFrom: here }) };
}

/** The files that are keys of ConfigMaps. Throws CliError (badInput) for one that the manifests do not hold. */
export function caseTexts({ casesFrom = [] }: EvalSuiteSpec, suite: string, manifests: readonly Manifest[]): readonly CaseText[] {
  return casesFrom.flatMap(({ configMap, format }, index) => {
    if (configMap === undefined) return [];
    return [{ path: `${index}/${configMap.key}`, text: configMapText(configMap, `EvalSuite/${suite}: spec.casesFrom[${index}].configMap`, manifests), format }];
  });
}

/** Cases of a file that is held. Iterating throws SuiteError. */
export function sourceOf({ path, text, format }: CaseText): CaseSource {
  return casesOfFile({ name: path.slice(path.indexOf('/') + 1), open: () => bytesOf(text) }, format);
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}
