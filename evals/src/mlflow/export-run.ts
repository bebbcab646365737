import { z } from 'zod';
import { MlflowError } from './mlflow-error.ts';
import { experimentId } from './experiment.ts';
import type { TrackedFile, TrackedRun } from './tracked-run.ts';
import { callForJson, callServer, type MlflowServer } from './tracking-api.ts';

/** A run that a tracking server has. */
export interface ExportedRun {
  readonly runId: string;
  /** The page of the run. */
  readonly page: string;
  /** Why the reports are not among its artifacts; undefined where they are. */
  readonly artifactsMissing?: string | undefined;
}

const api = '/api/2.0/mlflow';
const runForm = z.object({ info: z.object({ run_id: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/), artifact_uri: z.string().optional(), status: z.string().optional() }) });
const created = z.object({ run: runForm });
const found = z.object({ runs: z.array(runForm).optional() });
const anything = z.looseObject({});

/** What one call may carry; the server refuses more. */
const metricsPerCall = 800;
const paramsPerCall = 80;
const longestParam = 500;

type Run = z.infer<typeof runForm>;

/**
 * Tells a run to a tracking server: its experiment is made when there is none, and a run that breaks off on the way is marked as
 * failed there. Throws MlflowError, and the signal's reason.
 */
export async function exportRun(run: TrackedRun, server: MlflowServer): Promise<ExportedRun> {
  const experiment = await experimentId(run.experiment, server);
  const earlier = run.key === undefined ? undefined : await finishedRun(experiment, run.key, server);
  if (earlier !== undefined) return { runId: earlier.info.run_id, page: pageOf(experiment, earlier, server) };
  const { run: begun } = await callForJson(server, { method: 'POST', path: `${api}/runs/create`, body: { experiment_id: experiment, run_name: run.name, start_time: run.startedAt, tags: pairs(tagsOf(run)) } }, created);
  try {
    await logNumbers(begun, run, server);
    const artifactsMissing = await keepFiles(begun, run.artifacts, server);
    await update(begun, { status: 'FINISHED', end_time: run.endedAt }, server);
    return { runId: begun.info.run_id, page: pageOf(experiment, begun, server), artifactsMissing };
  } catch (error) {
    // What the first error says matters more than that this one failed too.
    await update(begun, { status: 'FAILED', end_time: run.endedAt }, server).catch(() => undefined);
    throw error;
  }
}

async function finishedRun(experiment: string, key: string, server: MlflowServer): Promise<Run | undefined> {
  if (!/^[A-Za-z0-9._:@-]{1,250}$/.test(key)) throw new MlflowError(`"${key}" is no key of a run: use letters, digits and ._:@-`);
  const body = { experiment_ids: [experiment], filter: `tags.\`sluice.key\` = '${key}' and attributes.status = 'FINISHED'`, max_results: 1 };
  return (await callForJson(server, { method: 'POST', path: `${api}/runs/search`, body }, found)).runs?.[0];
}

function tagsOf({ tags, key }: TrackedRun): Readonly<Record<string, string>> {
  return { ...tags, ...(key === undefined ? {} : { 'sluice.key': key }) };
}

async function logNumbers({ info }: Run, { metrics, params, endedAt }: TrackedRun, server: MlflowServer): Promise<void> {
  const values = Object.entries(metrics).filter(([, value]) => Number.isFinite(value)).map(([key, value]) => ({ key, value, timestamp: endedAt, step: 0 }));
  const settings = pairs(params).map(({ key, value }) => ({ key, value: Array.from(value).slice(0, longestParam).join('') }));
  for (const batch of [...inBatches(settings, paramsPerCall).map((some) => ({ params: some })), ...inBatches(values, metricsPerCall).map((some) => ({ metrics: some }))]) {
    await callForJson(server, { method: 'POST', path: `${api}/runs/log-batch`, body: { run_id: info.run_id, ...batch } }, anything);
  }
}

/**
 * Files go to the server where it keeps artifacts itself; elsewhere (a bucket, a folder of the server) they would need rights that
 * nobody gave. Returns why they are not kept; that is no error.
 */
async function keepFiles({ info: { artifact_uri: place = '' } }: Run, files: readonly TrackedFile[], server: MlflowServer): Promise<string | undefined> {
  const root = /^mlflow-artifacts:(?:\/\/[^/]*)?\/(.+)$/.exec(place)?.[1];
  if (root === undefined) return 'the server does not keep artifacts itself';
  for (const { name, mediaType, text } of files) {
    const path = `/api/2.0/mlflow-artifacts/artifacts/${root.split('/').map(encodeURIComponent).join('/')}/${encodeURIComponent(name)}`;
    const answer = await callServer(server, { method: 'PUT', path, body: { mediaType, text } });
    if (answer.kind === 'Refused') return `the server refused ${name} with HTTP ${answer.status}`;
  }
  return undefined;
}

async function update({ info }: Run, change: { readonly status: 'FINISHED' | 'FAILED'; readonly end_time: number }, server: MlflowServer): Promise<void> {
  await callForJson(server, { method: 'POST', path: `${api}/runs/update`, body: { run_id: info.run_id, ...change } }, anything);
}

function pageOf(experiment: string, { info }: Run, { url }: MlflowServer): string {
  return `${url}/#/experiments/${experiment}/runs/${info.run_id}`;
}

function pairs(values: Readonly<Record<string, string>>): readonly { readonly key: string; readonly value: string }[] {
  return Object.entries(values).map(([key, value]) => ({ key, value }));
}

function inBatches<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_value, index) => items.slice(index * size, (index + 1) * size));
}
