import { z } from 'zod';
import { MlflowError } from './mlflow-error.ts';
import { callServer, inForm, jsonCall, type MlflowServer, refused, type TrackingAnswer } from './tracking-api.ts';

const id = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);
const known = z.object({ experiment: z.object({ experiment_id: id, lifecycle_stage: z.string().optional() }) });
const created = z.object({ experiment_id: id });

const create = '/api/2.0/mlflow/experiments/create';

/** The experiment of this name; it is made when there is none. Throws MlflowError. */
export async function experimentId(name: string, server: MlflowServer): Promise<string> {
  const existing = await find(name, server);
  if (existing !== undefined) return existing;
  const answer = await callServer(server, jsonCall({ method: 'POST', path: create, body: { name } }));
  if (answer.kind === 'Answer') return inForm(server, create, answer.body, created).experiment_id;
  // Somebody else made it in between.
  const other = answer.code === 'RESOURCE_ALREADY_EXISTS' ? await find(name, server) : undefined;
  if (other === undefined) throw refused(server, create, answer);
  return other;
}

async function find(name: string, server: MlflowServer): Promise<string | undefined> {
  const path = `/api/2.0/mlflow/experiments/get-by-name?experiment_name=${encodeURIComponent(name)}`;
  const answer: TrackingAnswer = await callServer(server, jsonCall({ method: 'GET', path }));
  if (answer.kind === 'Refused') {
    if (answer.code === 'RESOURCE_DOES_NOT_EXIST') return undefined;
    throw refused(server, path, answer);
  }
  const { experiment } = inForm(server, path, answer.body, known);
  if (experiment.lifecycle_stage === 'deleted') throw new MlflowError(`the experiment "${name}" is deleted at ${server.url}: restore it, or name another one`);
  return experiment.experiment_id;
}
