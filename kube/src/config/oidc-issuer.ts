import { Agent } from 'undici';
import type { RefreshedTokens } from './oidc.ts';

const CALL_MS = 15_000;

export interface OidcIssuerOptions {
  /** Without a trailing slash. */
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string | undefined;
  /** PEM; undefined means the system's roots. */
  readonly ca: string | undefined;
}

/** The token endpoint of one OpenID provider. Errors say which step failed and the OAuth error code, never what was sent or answered. */
export class OidcIssuer {
  readonly #options: OidcIssuerOptions;

  constructor(options: OidcIssuerOptions) {
    this.#options = options;
  }

  async refresh(refreshToken: string): Promise<RefreshedTokens> {
    const { ca } = this.#options;
    const agent = new Agent({ allowH2: false, connect: { timeout: CALL_MS, ...(ca === undefined ? {} : { ca }) } });
    try {
      const answer = await this.#grant(agent, await this.#tokenEndpoint(agent), refreshToken);
      const idToken = textMember(answer, 'id_token');
      if (idToken === undefined) throw new Error('the token endpoint answered without an id_token; ask for the scope openid when logging in');
      return { id_token: idToken, refresh_token: textMember(answer, 'refresh_token') ?? refreshToken };
    } finally {
      await agent.destroy();
    }
  }

  async #tokenEndpoint(agent: Agent): Promise<URL> {
    const { url } = this.#options;
    const { code, answer } = await this.#call(agent, new URL(`${url}/.well-known/openid-configuration`), { method: 'GET' });
    if (code !== 200) throw new Error(`the discovery document of the issuer was answered with ${code}`);
    if (textMember(answer, 'issuer')?.replace(/\/$/, '') !== url) throw new Error('the discovery document names another issuer; write idp-issuer-url exactly as the provider does');
    const endpoint = textMember(answer, 'token_endpoint');
    if (endpoint === undefined || !URL.canParse(endpoint) || new URL(endpoint).protocol !== 'https:') throw new Error('the discovery document names no https token_endpoint');
    return new URL(endpoint);
  }

  async #grant(agent: Agent, endpoint: URL, refreshToken: string): Promise<unknown> {
    const { clientId, clientSecret } = this.#options;
    const form = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken, client_id: clientId });
    if (clientSecret !== undefined) form.set('client_secret', clientSecret);
    const { code, answer } = await this.#call(agent, endpoint, {
      method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: form.toString(),
    });
    if (code === 200) return answer;
    const error = textMember(answer, 'error');
    // OAuth error codes are fixed words; anything else might be an echo of what was sent.
    const known = error !== undefined && /^(invalid_request|invalid_client|invalid_grant|unauthorized_client|unsupported_grant_type|invalid_scope)$/.test(error);
    throw new Error(`the token endpoint answered ${code}${known ? ` ${error}` : ''}${known && error === 'invalid_grant' ? '; log in again' : ''}`);
  }

  async #call(agent: Agent, url: URL, options: { method: 'GET' | 'POST'; headers?: Record<string, string>; body?: string }): Promise<{ code: number; answer: unknown }> {
    const limits = { signal: AbortSignal.timeout(CALL_MS), headersTimeout: CALL_MS, bodyTimeout: CALL_MS };
    const asked = agent.request({ origin: url.origin, path: url.pathname + url.search, ...limits, ...options });
    return asked.then(async (response) => ({ code: response.statusCode, answer: parse(await response.body.text()) })).catch((error: unknown) => {
      // Not the error itself: a parser's holds bytes of the answer.
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'no answer in time';
      throw new Error(`${url.host} could not be asked (${code})`);
    });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function textMember(value: unknown, name: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const member = (value as Record<string, unknown>)[name];
  return typeof member === 'string' && member !== '' ? member : undefined;
}
