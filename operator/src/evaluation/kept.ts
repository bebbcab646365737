import { gunzipSync, gzipSync } from 'node:zlib';
import type { EvalRun, EvalRunStatus, KeptResultsStatus } from '@sluice/crds';
import { keptResults, type ResultsPage, type SampleResult, withoutReason } from '@sluice/evals/results';
import type { ConfigMap } from '@sluice/kube';
import { childMetadata } from './child-metadata.ts';
import { resultsName } from './names.ts';

export const resultsKey = 'results.jsonl.gz';

/** Characters of results after which they move from the status into a ConfigMap. */
export const chunkLength = 112 * 1024;
/** ConfigMaps from which on results are kept without their reasons and tags, so that 50,000 of them find room in {@link maximumChunks}. */
const chunksWithReasons = 8;
export const maximumChunks = 64;

/** What a pod told. */
export interface ToldResults {
  /** UID of the pod. */
  readonly pod: string;
  readonly from: number;
  readonly page: ResultsPage;
}

const nothing: KeptResultsStatus = { chunks: 0, read: 0, complete: false };

/** From which result on a pod is to be asked: all before it are stored. */
export function nextResult(status: EvalRunStatus | undefined, pod: string): number {
  return status?.results?.pod === pod ? status.results.read : 0;
}

/** What is kept once `told` is added: as much of it as finds room beside what is in no ConfigMap yet. */
export function withTold(results: KeptResultsStatus = nothing, { pod, from, page }: ToldResults): KeptResultsStatus {
  const known = results.pod === pod ? results.read : 0;
  if (from !== known) return results;
  const lines = results.chunks < chunksWithReasons ? page.results : page.results.map(withoutReason);
  let tail = results.tail ?? '';
  let taken = 0;
  for (const line of lines) {
    if (tail.length >= chunkLength) break;
    tail += `${line}\n`;
    taken += 1;
  }
  const read = known + taken;
  return { chunks: results.chunks, ...(tail === '' ? {} : { tail }), pod, read, complete: page.state === 'Finished' && read === page.count };
}

/** Whether there is more to be read at once, or the pod waits to hear that all is kept. */
export function isHurried(results: KeptResultsStatus | undefined, told: ToldResults | undefined): boolean {
  return told !== undefined && (told.page.state !== 'Running' || (results?.read ?? 0) < told.page.count);
}

export interface Chunk {
  readonly configMap: ConfigMap;
  /** What is in it. */
  readonly text: string;
}

/** The results of the status as a ConfigMap, and the status without them. */
export function moved(evalRun: EvalRun, results: KeptResultsStatus): { readonly chunk?: Chunk; readonly results: KeptResultsStatus } {
  const { tail = '', ...rest } = results;
  if (tail === '' || results.chunks >= maximumChunks) return { results };
  const metadata = { ...childMetadata(evalRun), name: resultsName(evalRun.metadata.name, results.chunks) };
  const configMap: ConfigMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata, immutable: true, binaryData: { [resultsKey]: gzipSync(tail).toString('base64') } };
  return { chunk: { configMap, text: tail }, results: { ...rest, chunks: results.chunks + 1 } };
}

/** The results that these ConfigMaps and this status hold. Throws for ConfigMaps that hold none. */
export function resultsOf(configMaps: readonly ConfigMap[], tail = ''): ReadonlyMap<string, SampleResult> {
  const texts = configMaps.map(({ binaryData }) => gunzipSync(Buffer.from(binaryData?.[resultsKey] ?? '', 'base64'), { maxOutputLength: 4 * chunkLength }).toString('utf8'));
  return keptResults([...texts, tail]);
}
