import { z } from 'zod';
import type { Clock } from '../runner/clock.ts';
import { TimeLimitError, withTimeLimit } from '../runner/time-limit.ts';
import { MlflowError } from './mlflow-error.ts';

/** As much of `fetch` as a tracking server needs. */
export type TrackingFetch = (
  url: string,
  init: { readonly method: string; readonly headers: Record<string, string>; readonly signal: AbortSignal; readonly redirect: 'error'; readonly body?: string },
) => Promise<{ readonly ok: boolean; readonly status: number; readonly body: AsyncIterable<Uint8Array> | null }>;

/** A tracking server, and the way to it. */
export interface MlflowServer {
  /** Without credentials; `http://host:5000`, or with a path before the API. */
  readonly url: string;
  /** Value of the authorization header; never told to anybody. */
  readonly authorization?: string | undefined;
  /** What to do where the login is refused; default: the variables of MLflow's own clients. */
  readonly loginHint?: string | undefined;
  readonly fetch: TrackingFetch;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface TrackingCall {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** From the server's address on. */
  readonly path: string;
  readonly body?: { readonly mediaType: string; readonly text: string } | undefined;
}

/** What a call came to: the answer, or the code of the server's refusal, such as RESOURCE_DOES_NOT_EXIST. */
export type TrackingAnswer = { readonly kind: 'Answer'; readonly body: unknown } | { readonly kind: 'Refused'; readonly status: number; readonly code: string | undefined };

/** Milliseconds for one call. */
const callLimitMs = 20_000;
/** Answers are a few KiB. */
const maximumAnswerBytes = 1_048_576;

const refusal = z.object({ error_code: z.string().regex(/^[A-Z_]{1,64}$/) });

/** One call of the REST API. Throws MlflowError when the server cannot be reached or says nothing in time, and the signal's reason. */
export async function callServer(server: MlflowServer, call: TrackingCall): Promise<TrackingAnswer> {
  try {
    return await withTimeLimit(server.clock, { milliseconds: callLimitMs, signal: server.signal }, (signal) => send(server, call, signal));
  } catch (cause) {
    server.signal.throwIfAborted();
    if (cause instanceof MlflowError) throw cause;
    const why = cause instanceof TimeLimitError ? `did not answer within ${callLimitMs / 1000} s` : 'cannot be reached';
    throw new MlflowError(`the MLflow server at ${server.url} ${why}`, { cause });
  }
}

async function send({ url, authorization, fetch }: MlflowServer, { method, path, body }: TrackingCall, signal: AbortSignal): Promise<TrackingAnswer> {
  const headers = { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': body.mediaType }), ...(authorization === undefined ? {} : { authorization }) };
  // A redirect would carry the credentials to an address that nobody named.
  const response = await fetch(`${url}${path}`, { method, headers, signal, redirect: 'error', ...(body === undefined ? {} : { body: body.text }) });
  const text = await boundedText(url, response.body ?? noBody());
  if (!response.ok) return { kind: 'Refused', status: response.status, code: refusal.safeParse(jsonOf(text)).data?.error_code };
  return { kind: 'Answer', body: jsonOf(text) };
}

/** Leaving the loop early ends the answer, and its connection with it. */
async function boundedText(url: string, body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maximumAnswerBytes) throw new MlflowError(`the MLflow server at ${url} answered with more than ${maximumAnswerBytes / 1_048_576} MiB, which no MLflow server does: check the address`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function* noBody(): AsyncGenerator<Uint8Array> {}

function jsonOf(text: string): unknown {
  try {
    return text === '' ? {} : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}

/** The answer to a call of the tracking API with a JSON body, in the form that is expected. Throws MlflowError for any other. */
export async function callForJson<T>(server: MlflowServer, { method, path, body }: { readonly method: 'GET' | 'POST'; readonly path: string; readonly body?: object }, form: z.ZodType<T>): Promise<T> {
  const answer = await callServer(server, jsonCall({ method, path, body }));
  if (answer.kind === 'Refused') throw refused(server, path, answer);
  return inForm(server, path, answer.body, form);
}

export function jsonCall({ method, path, body }: { readonly method: 'GET' | 'POST'; readonly path: string; readonly body?: object | undefined }): TrackingCall {
  return { method, path, body: body === undefined ? undefined : { mediaType: 'application/json', text: JSON.stringify(body) } };
}

/** Throws MlflowError. */
export function inForm<T>(server: MlflowServer, path: string, body: unknown, form: z.ZodType<T>): T {
  const parsed = form.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new MlflowError(`${server.url} answered to ${withoutQuery(path)} as no MLflow server does: check the address`);
}

const variablesHint = 'set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, to what may write there';

export function refused(server: MlflowServer, path: string, { status, code }: Extract<TrackingAnswer, { readonly kind: 'Refused' }>): MlflowError {
  const hint = status === 401 || status === 403 ? `: ${server.loginHint ?? variablesHint}` : '';
  return new MlflowError(`the MLflow server at ${server.url} refused ${withoutQuery(path)} with HTTP ${status}${code === undefined ? '' : ` (${code})`}${hint}`);
}

function withoutQuery(path: string): string {
  return path.split('?')[0] ?? path;
}
