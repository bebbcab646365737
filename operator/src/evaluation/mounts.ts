import type { EvalRun, EvalSuiteSpec } from '@sluice/crds';
import type { EnvVar, PodSpec, VolumeMount } from '@sluice/kube';
import { resultsKey } from './kept.ts';
import { resultsName } from './names.ts';

/** A volume of an eval pod, where it is, and what tells the eval command of it. */
export interface Mounted {
  readonly volume: NonNullable<PodSpec['volumes']>[number];
  readonly mount: VolumeMount;
  readonly variables: readonly EnvVar[];
}

const casesPath = '/etc/sluice/eval-cases';
const embeddingPath = '/etc/sluice/eval-embedding';
const keptPath = '/etc/sluice/eval-kept';

/** The files of spec.casesFrom, each in a folder with its index as the name. */
export function caseFiles({ casesFrom = [] }: Pick<EvalSuiteSpec, 'casesFrom'>): Mounted[] {
  return casesFrom.map(({ configMap, persistentVolumeClaim }, index) => {
    const name = `sluice-eval-cases-${index}`;
    const source = configMap === undefined ? claim(persistentVolumeClaim) : { configMap: { name: configMap.name, items: [{ key: configMap.key, path: configMap.key }] } };
    return { volume: { name, ...source }, mount: { name, mountPath: `${casesPath}/${index}`, readOnly: true }, variables: index === 0 ? [{ name: 'SLUICE_EVAL_CASES_FOLDER', value: casesPath }] : [] };
  });
}

export function embeddingModel({ embeddingModel: model }: Pick<EvalSuiteSpec, 'embeddingModel'>): Mounted[] {
  if (model === undefined) return [];
  const name = 'sluice-eval-embedding';
  const { image, persistentVolumeClaim } = model;
  const folder = image === undefined ? `${embeddingPath}/${persistentVolumeClaim?.path ?? ''}` : embeddingPath;
  return [{
    volume: { name, ...(image === undefined ? claim(persistentVolumeClaim) : { image: { reference: image } }) },
    mount: { name, mountPath: embeddingPath, readOnly: true },
    variables: [{ name: 'SLUICE_EVAL_EMBEDDING_FOLDER', value: folder }],
  }];
}

/** What earlier pods of the run brought. */
export function keptFiles({ metadata, status }: EvalRun): Mounted[] {
  const chunks = status?.results?.chunks ?? 0;
  if (chunks === 0) return [];
  const name = 'sluice-eval-kept';
  const sources = Array.from({ length: chunks }, (_, chunk) => ({ configMap: { name: resultsName(metadata.name, chunk), items: [{ key: resultsKey, path: `${String(chunk).padStart(4, '0')}.jsonl.gz` }] } }));
  return [{ volume: { name, projected: { sources } }, mount: { name, mountPath: keptPath, readOnly: true }, variables: [{ name: 'SLUICE_EVAL_KEPT_FOLDER', value: keptPath }] }];
}

function claim(from: { readonly claimName: string } | undefined): { readonly persistentVolumeClaim: { readonly claimName: string; readonly readOnly: true } } {
  return { persistentVolumeClaim: { claimName: from?.claimName ?? '', readOnly: true } };
}
