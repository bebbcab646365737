import { readFile } from 'node:fs/promises';
import { exportRun, MlflowError, type TrackedRun, type TrackingFetch } from '@sluice/evals/mlflow';
import type { Clock } from '@sluice/kube';
import { Agent } from 'undici';
import { loginOf } from './login.ts';

/** How the operator reaches an MLflow tracking server. */
export interface MlflowEndpoint {
  /** Without credentials and without a slash at its end. */
  readonly url: string;
  /** Folder with the files `token`, or `username` and `password`; not set: no login. */
  readonly loginFolder?: string | undefined;
  /** PEM; certificates that the server's must be signed by. Default: those of the system. */
  readonly caFile?: string | undefined;
}

/** What became of telling a run. */
export type Told = { readonly kind: 'Told'; readonly page: string; readonly missing?: string | undefined } | { readonly kind: 'NotTold'; readonly problem: string };

export interface TrackingServer {
  /** Rejects with the signal's reason alone. */
  readonly tell: (run: TrackedRun, signal: AbortSignal) => Promise<Told>;
}

const loginHint = 'look at the Secret mlflow.loginSecret of the chart: it must hold a login that may write there';

/** The server that the operator is configured with. Files are read anew with each run, so that what is rotated is used at once. */
export function mlflowTracking({ url, loginFolder, caFile }: MlflowEndpoint, clock: Clock): TrackingServer {
  return {
    tell: async (run, signal) => {
      let agent: Agent | undefined;
      try {
        const authorization = await loginOf(loginFolder);
        agent = new Agent(caFile === undefined ? {} : { connect: { ca: await authorityOf(caFile) } });
        const { page, artifactsMissing } = await exportRun(run, { url, authorization, loginHint, fetch: fetchBy(agent), clock: exportClock(clock), signal });
        return { kind: 'Told', page, missing: artifactsMissing };
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof MlflowError)) throw error;
        return { kind: 'NotTold', problem: error.message };
      } finally {
        await agent?.destroy();
      }
    },
  };
}

/** Requests of undici follow no redirect. Its own fetch is left out of the operator's bundle. */
function fetchBy(agent: Agent): TrackingFetch {
  return async (url, { method, headers, body, signal }) => {
    const { origin, pathname, search } = new URL(url);
    const answer = await agent.request({ origin, path: `${pathname}${search}`, method, headers, signal, ...(body === undefined ? {} : { body }) });
    return { ok: answer.statusCode >= 200 && answer.statusCode < 300, status: answer.statusCode, body: answer.body };
  };
}

async function authorityOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new MlflowError('the CA file of the MLflow server cannot be read: look at the ConfigMap mlflow.caConfigMap of the chart', { cause });
  }
}

function exportClock(clock: Clock): { readonly now: () => number; readonly after: (milliseconds: number, task: () => void) => () => void } {
  return {
    now: () => clock.monotonic(),
    after: (milliseconds, task) => {
      const timer = clock.setTimer(milliseconds, task);
      return () => timer.cancel();
    },
  };
}
