import type { BundleTool } from '@sluice/crds';
import { refusal, type EgressPolicy } from '../egress/policy.ts';
import type { HttpRequest, HttpResponse, HttpTransport } from '../egress/transport.ts';
import type { ToolArguments } from './arguments.ts';
import { readBounded } from './bounded-body.ts';
import { failed, type ToolResult } from './tool-result.ts';
import { argumentText, type UrlTemplate } from './url-template.ts';

/** What a model gets to see of a response at most, in bytes. */
export const maximumResponseBytes = 65_536;

const maximumRedirects = 3;
const redirectStatuses = new Set([301, 302, 303, 307, 308]);
const textTypes = /^(text\/|application\/([\w.+-]*\+)?(json|xml|yaml|javascript|x-ndjson|x-www-form-urlencoded)\b)/i;

export interface HttpToolContext {
  readonly tool: BundleTool;
  readonly template: UrlTemplate;
  readonly transport: HttpTransport;
  readonly headers: Readonly<Record<string, string>>;
}

/** A request that may be sent, or the reason why it may not. */
export type PreparedRequest = { readonly ok: true; readonly request: HttpRequest } | { readonly ok: false; readonly result: ToolResult };

function addQuery(url: URL, values: ToolArguments): URL {
  const target = new URL(url);
  for (const [name, value] of Object.entries(values)) {
    for (const item of Array.isArray(value) ? value : [value]) target.searchParams.append(name, argumentText(item) ?? JSON.stringify(item));
  }
  return target;
}

/** An argument can never change the port of the URL that a request begins with. */
function policyOf({ tool }: HttpToolContext, { port }: URL): EgressPolicy {
  const { allowedHosts, allowedNetworks } = tool.http;
  return { allowedHosts, allowedNetworks, ownPort: port };
}

/** Makes the request of a call and checks it against the allow-list. Sends nothing. */
export function prepareRequest(context: HttpToolContext, values: ToolArguments): PreparedRequest {
  const rendered = context.template.render(values);
  if (!rendered.ok) return { ok: false, result: failed('refused', rendered.reason) };
  const egress = policyOf(context, rendered.url);
  const refused = refusal(rendered.url, egress);
  if (refused !== undefined) return { ok: false, result: failed('refused', refused) };
  const { method } = context.tool.http;
  if (method === 'GET' || method === 'DELETE') return { ok: true, request: { url: addQuery(rendered.url, rendered.rest), method, headers: context.headers, egress } };
  const headers = { ...context.headers, 'content-type': 'application/json' };
  return { ok: true, request: { url: rendered.url, method, headers, body: JSON.stringify(rendered.rest), egress } };
}

function redirectTarget(request: HttpRequest, location: string | undefined): URL | undefined {
  return location !== undefined && URL.canParse(location, request.url) ? new URL(location, request.url) : undefined;
}

type Redirect = { readonly ok: true; readonly request: HttpRequest } | { readonly ok: false; readonly result: ToolResult };

function followRedirect({ tool }: HttpToolContext, request: HttpRequest, response: HttpResponse): Redirect {
  // Anything but a plain read may have acted already, and its arguments are not for another place.
  if (tool.effect !== 'Read' || request.method !== 'GET') return { ok: false, result: failed('error', `HTTP ${response.status}: a redirect is followed only for a GET tool with effect Read`) };
  const url = redirectTarget(request, response.header('location'));
  if (url === undefined) return { ok: false, result: failed('error', `HTTP ${response.status} without a usable location`) };
  const refused = refusal(url, request.egress);
  if (refused !== undefined) return { ok: false, result: failed('refused', `redirected, but ${refused}`) };
  if (request.url.protocol === 'https:' && url.protocol === 'http:') return { ok: false, result: failed('refused', 'redirected from https to http, which is not allowed') };
  return { ok: true, request: { ...request, url } };
}

function unreadable(response: HttpResponse): string | undefined {
  if (response.status < 200 || response.status > 299) return `HTTP ${response.status}`;
  const type = response.header('content-type');
  if (type !== undefined && !textTypes.test(type)) return 'the response is not text';
  const encoding = response.header('content-encoding') ?? 'identity';
  return encoding === 'identity' ? undefined : 'the response is compressed although that was not asked for';
}

async function readResult(response: HttpResponse): Promise<ToolResult> {
  const reason = unreadable(response);
  if (reason !== undefined) {
    await response.discard();
    return failed('error', reason);
  }
  const { text, cut } = await readBounded(response.body, maximumResponseBytes);
  return { kind: 'ok', content: cut === 'whole' ? text : `${text}\n[truncated: only the first ${maximumResponseBytes} bytes of the response are shown]` };
}

/** Sends a prepared request. A request is sent once, whatever happens; only redirects of a read lead to another. */
export async function sendRequest(context: HttpToolContext, first: HttpRequest, signal: AbortSignal): Promise<ToolResult> {
  let request = first;
  for (let redirects = 0; ; redirects += 1) {
    const response = await context.transport.send(request, signal);
    if (!redirectStatuses.has(response.status)) return await readResult(response);
    await response.discard();
    if (redirects === maximumRedirects) return failed('error', `more than ${maximumRedirects} redirects`);
    const next = followRedirect(context, request, response);
    if (!next.ok) return next.result;
    request = next.request;
  }
}
