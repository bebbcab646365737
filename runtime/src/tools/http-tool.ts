import type { BundleTool } from '@sluice/crds';
import { refusal, type EgressPolicy } from '../egress/policy.ts';
import type { HttpRequest, HttpResponse, HttpTransport } from '../egress/transport.ts';
import type { ToolArguments } from './arguments.ts';
import { readBounded } from './bounded-body.ts';
import type { Credential } from './credentials/credential.ts';
import { sendWithCredential } from './credentials/send-with-credential.ts';
import { doubtfulAttempt, failedAttempt, lasting, type Attempt, type Effect, type Outlook, type RunnerCall, type ToolRunner } from './tool-runner.ts';
import { argumentText, parseUrlTemplate, type UrlTemplate } from './url-template.ts';

const maximumRedirects = 3;
const redirectStatuses = new Set([301, 302, 303, 307, 308]);
const passingStatuses = new Set([429, 502, 503, 504]);
/** Longer than any call may take; a timer takes only so much, and goes off at once when it is given more. */
const longestWaitSeconds = 86_400;
/** Said by what stands in front of the tool, which may have acted. */
const doubtfulStatuses = new Set([502, 504]);
const textTypes = /^(text\/|application\/([\w.+-]*\+)?(json|xml|yaml|javascript|x-ndjson|x-www-form-urlencoded)\b)/i;

/** Where arguments go that are not in the URL. Without it: to the query of a GET or DELETE, else to the JSON body. */
export interface ArgumentPlaces {
  readonly query: readonly string[];
  readonly headers: readonly string[];
  /** The argument that is the body. */
  readonly body: string | undefined;
}

export type HttpTarget = NonNullable<BundleTool['http']> & { readonly places?: ArgumentPlaces };

export interface HttpRunnerOptions {
  readonly target: HttpTarget;
  readonly effect: Effect;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly transport: HttpTransport;
  /** Sent to the origin of the tool alone. */
  readonly credential?: Credential | undefined;
}

interface HttpTool extends HttpRunnerOptions {
  readonly template: UrlTemplate;
}

function addQuery(url: URL, values: ToolArguments): URL {
  const target = new URL(url);
  for (const [name, value] of Object.entries(values)) {
    for (const item of Array.isArray(value) ? value : [value]) target.searchParams.append(name, argumentText(item) ?? JSON.stringify(item));
  }
  return target;
}

function headersOf({ requestId, policyVersion, idempotencyKey }: RunnerCall): Record<string, string> {
  const headers = { accept: 'application/json, text/*;q=0.9', 'accept-encoding': 'identity', 'user-agent': 'sluice-runtime', 'x-request-id': requestId };
  const version = policyVersion === undefined ? {} : { 'x-sluice-policy-version': policyVersion };
  return idempotencyKey === undefined ? { ...headers, ...version } : { ...headers, ...version, 'idempotency-key': idempotencyKey };
}

/** An argument can never change the port of the URL that a request begins with. */
function policyOf({ allowedHosts, allowedNetworks }: HttpTarget, { port }: URL): EgressPolicy {
  return { allowedHosts, allowedNetworks, ownPort: port };
}

function only(values: ToolArguments, names: readonly string[]): ToolArguments {
  return Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name)));
}

/** Control characters would end the header. */
function headerText(value: unknown): string {
  return (argumentText(value) ?? JSON.stringify(value)).replaceAll(/[^\t\x20-\x7e]/g, '');
}

function placed(target: HttpTarget, rest: ToolArguments): { readonly query: ToolArguments; readonly headers: ToolArguments; readonly body: unknown } {
  if (target.places !== undefined) {
    const { query, headers, body } = target.places;
    return { query: only(rest, query), headers: only(rest, headers), body: body === undefined ? undefined : rest[body] };
  }
  return target.method === 'GET' || target.method === 'DELETE' ? { query: rest, headers: {}, body: undefined } : { query: {}, headers: {}, body: rest };
}

type PreparedRequest = { readonly ok: true; readonly request: HttpRequest } | { readonly ok: false; readonly reason: string };

/** Makes the request of a call and checks it against the allow-list. Sends nothing. */
function prepareRequest({ template, target }: HttpTool, call: RunnerCall): PreparedRequest {
  const rendered = template.render(call.values);
  if (!rendered.ok) return rendered;
  const egress = policyOf(target, rendered.url);
  const refused = refusal(rendered.url, egress);
  if (refused !== undefined) return { ok: false, reason: refused };
  const { query, headers, body } = placed(target, rendered.rest);
  const url = addQuery(rendered.url, query);
  const own = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), headerText(value)]));
  const request = { url, method: target.method, headers: { ...own, ...headersOf(call) }, egress };
  if (body === undefined) return { ok: true, request };
  return { ok: true, request: { ...request, headers: { ...request.headers, 'content-type': 'application/json' }, body: JSON.stringify(body) } };
}

function redirectTarget(request: HttpRequest, location: string | undefined): URL | undefined {
  return location !== undefined && URL.canParse(location, request.url) ? new URL(location, request.url) : undefined;
}

type Redirect = { readonly ok: true; readonly request: HttpRequest } | { readonly ok: false; readonly attempt: Attempt };

function followRedirect({ effect }: HttpTool, request: HttpRequest, response: HttpResponse): Redirect {
  // Anything but a plain read may have acted already, and its arguments are not for another place. Many a form answers what it has done by leading to it.
  const unfollowed = `HTTP ${response.status}: a redirect is followed only for a GET tool with effect Read`;
  if (effect !== 'Read') return { ok: false, attempt: doubtfulAttempt(unfollowed) };
  if (request.method !== 'GET') return { ok: false, attempt: failedAttempt('error', unfollowed) };
  const url = redirectTarget(request, response.header('location'));
  if (url === undefined) return { ok: false, attempt: failedAttempt('error', `HTTP ${response.status} without a usable location`) };
  const refused = refusal(url, request.egress);
  if (refused !== undefined) return { ok: false, attempt: failedAttempt('refused', `redirected, but ${refused}`) };
  if (request.url.protocol === 'https:' && url.protocol === 'http:') return { ok: false, attempt: failedAttempt('refused', 'redirected from https to http, which is not allowed') };
  return { ok: true, request: { ...request, url } };
}

function outlookOf(response: HttpResponse): Outlook {
  if (!passingStatuses.has(response.status)) return lasting;
  const seconds = Number(response.header('retry-after') ?? Number.NaN);
  return { kind: 'passing', afterMilliseconds: seconds >= 0 ? Math.min(seconds, longestWaitSeconds) * 1_000 : undefined };
}

function isSuccess({ status }: HttpResponse): boolean {
  return status >= 200 && status <= 299;
}

function unreadable(response: HttpResponse): string | undefined {
  if (!isSuccess(response)) return `HTTP ${response.status}`;
  const type = response.header('content-type');
  if (type !== undefined && !textTypes.test(type)) return 'the response is not text';
  const encoding = response.header('content-encoding') ?? 'identity';
  return encoding === 'identity' ? undefined : 'the response is compressed although that was not asked for';
}

async function readAttempt(response: HttpResponse, { effect }: HttpTool, maxBytes: number): Promise<Attempt> {
  const reason = unreadable(response);
  if (reason !== undefined) {
    await response.discard();
    // A write was made, whatever its answer is written in.
    if (effect === 'Write' && isSuccess(response)) return { kind: 'ok', content: `The call was made. Its result cannot be shown: ${reason}.`, cut: 'whole' };
    return doubtfulStatuses.has(response.status) ? doubtfulAttempt(reason, outlookOf(response)) : failedAttempt('error', reason, outlookOf(response));
  }
  const { text, cut } = await readBounded(response.body, maxBytes);
  return { kind: 'ok', content: text, cut };
}

async function authorizedSend({ transport, credential }: HttpTool, request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
  if (credential === undefined) return await transport.send(request, signal);
  const send = async (known: Readonly<Record<string, string>>) => await transport.send({ ...request, headers: { ...request.headers, ...known } }, signal);
  return await sendWithCredential(credential, { send, discard: async (response) => await response.discard() }, signal);
}

function redactedAttempt(attempt: Attempt, { credential }: HttpTool): Attempt {
  return attempt.kind === 'ok' && credential !== undefined ? { ...attempt, content: credential.redacted(attempt.content) } : attempt;
}

/** Sends a prepared request. A request is sent once but after a 401; only redirects of a read lead to another, and to another origin without the credential. */
async function sendRequest(tool: HttpTool, first: HttpRequest, maxBytes: number, signal: AbortSignal): Promise<Attempt> {
  let request = first;
  for (let redirects = 0; ; redirects += 1) {
    const response = request.url.origin === first.url.origin ? await authorizedSend(tool, request, signal) : await tool.transport.send(request, signal);
    if (!redirectStatuses.has(response.status)) return redactedAttempt(await readAttempt(response, tool, maxBytes), tool);
    await response.discard();
    if (redirects === maximumRedirects) return failedAttempt('error', `more than ${maximumRedirects} redirects`);
    const next = followRedirect(tool, request, response);
    if (!next.ok) return next.attempt;
    request = next.request;
  }
}

/** A tool that is one HTTP request. */
export function createHttpRunner(options: HttpRunnerOptions): ToolRunner {
  const tool = { ...options, template: parseUrlTemplate(options.target.url) };
  return {
    parameters: options.parameters,
    prepare: (call) => {
      const prepared = prepareRequest(tool, call);
      return prepared.ok ? { ok: true, run: (signal) => sendRequest(tool, prepared.request, call.maxBytes, signal) } : prepared;
    },
  };
}
