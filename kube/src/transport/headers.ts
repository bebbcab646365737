import type { Credential, Impersonation } from '../config/connection.ts';
import type { TransportRequest } from './request.ts';

export interface HeaderOptions {
  readonly credential: Credential;
  readonly userAgent: string;
  readonly impersonate: Impersonation | undefined;
}

export type Headers = Record<string, string | string[]>;

export function requestHeaders(request: TransportRequest, options: HeaderOptions): Headers {
  const { credential, userAgent, impersonate } = options;
  return {
    accept: request.accept ?? 'application/json',
    'user-agent': userAgent,
    ...(request.body === undefined ? {} : { 'content-type': request.contentType ?? 'application/json' }),
    ...(credential.authorization === undefined ? {} : { authorization: credential.authorization }),
    ...(impersonate === undefined ? {} : impersonationHeaders(impersonate)),
  };
}

/** As the API server's documentation of user impersonation says; extra keys are percent-encoded since header names are not free text. */
export function impersonationHeaders({ user, uid, groups, extra }: Impersonation): Headers {
  const headers: Headers = { 'impersonate-user': user };
  if (uid !== undefined) headers['impersonate-uid'] = uid;
  if (groups.length > 0) headers['impersonate-group'] = [...groups];
  for (const [key, values] of Object.entries(extra)) headers[`impersonate-extra-${headerName(key)}`] = [...values];
  return headers;
}

/** encodeURIComponent leaves parentheses alone, which a header name must not hold. */
function headerName(key: string): string {
  return encodeURIComponent(key.toLowerCase()).replaceAll('(', '%28').replaceAll(')', '%29');
}
