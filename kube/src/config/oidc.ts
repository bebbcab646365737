import type { Clock } from '../clock.ts';
import { configError } from './config-error.ts';
import type { Credential, CredentialSource } from './connection.ts';

/** As for exec plugins: a token this close to its end is fetched anew. */
const EXPIRY_SKEW_MS = 60_000;
const CLIENT_NODE = '@kubernetes/client-node';
/** Expired since 1970: client-node refreshes only a token whose time is over, and knows no skew. */
const EXPIRED_TOKEN = `e30.${Buffer.from('{"exp":1}').toString('base64url')}.e30`;

export interface RefreshedTokens {
  readonly id_token: string;
  readonly refresh_token: string;
}

/** What client-node takes as its "preconfigured client". */
export interface TokenRefresher {
  refresh(refreshToken: string): Promise<RefreshedTokens>;
}

type AuthConfig = Record<string, string>;

/** The part of client-node that is used; a structure of our own, as its types need not be installed. */
interface OidcAuthenticator {
  applyAuthentication(user: { name: string; authProvider: { name: 'oidc'; config: AuthConfig } }, options: { headers: Record<string, string> }, client: TokenRefresher): Promise<void>;
}

export interface OidcModule {
  readonly OpenIDConnectAuth: new () => OidcAuthenticator;
}

export interface OidcOptions {
  /** For messages: `kubeconfig 'path': users['name'].auth-provider`. */
  readonly where: string;
  readonly idToken: string | undefined;
  readonly refreshToken: string | undefined;
  readonly clientId: string;
  readonly issuer: TokenRefresher;
  readonly clock: Clock;
  /** Default: client-node, loaded when a token has to be refreshed and not before. */
  readonly load?: () => Promise<OidcModule>;
}

/** An OpenID Connect user: the id-token while it is valid, then new ones through client-node, one refresh at a time. Nothing is written back. */
export class OidcCredential implements CredentialSource {
  readonly #options: OidcOptions;
  #idToken: string | undefined;
  #refreshToken: string | undefined;
  #refreshing: Promise<Credential> | undefined;

  constructor(options: OidcOptions) {
    this.#options = options;
    this.#idToken = options.idToken;
    this.#refreshToken = options.refreshToken;
  }

  current(_options: { signal: AbortSignal }): Promise<Credential> {
    const token = this.#idToken;
    if (token !== undefined && this.#options.clock.now() < expiryOf(token) - EXPIRY_SKEW_MS) return Promise.resolve(bearer(token));
    // Shared, so one caller's abort must not end it for the others; the issuer's calls have their own time limit.
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  rejected(credential: Credential): void {
    if (this.#idToken !== undefined && credential.authorization === bearer(this.#idToken).authorization) this.#idToken = undefined;
  }

  async #refresh(): Promise<Credential> {
    const { where, clientId, issuer } = this.#options;
    if (this.#refreshToken === undefined) throw configError(`${where}: the id-token is missing or expired and there is no refresh-token; log in again`);
    const { OpenIDConnectAuth } = await this.#load();
    const config: AuthConfig = { 'id-token': EXPIRED_TOKEN, 'refresh-token': this.#refreshToken, 'client-id': clientId, 'idp-issuer-url': 'preconfigured' };
    try {
      // A new authenticator each time: it keeps one expiry for all users.
      await new OpenIDConnectAuth().applyAuthentication({ name: 'oidc', authProvider: { name: 'oidc', config } }, { headers: {} }, issuer);
    } catch (error) {
      throw configError(`${where}: the id-token could not be refreshed: ${error instanceof Error ? error.message : 'unknown error'}`);
    }
    const token = config['id-token'] ?? '';
    if (expiryOf(token) <= this.#options.clock.now()) throw configError(`${where}: the provider answered with an id-token that is expired or no JWT; check the clocks`);
    this.#idToken = token;
    this.#refreshToken = config['refresh-token'];
    return bearer(token);
  }

  async #load(): Promise<OidcModule> {
    try {
      return await (this.#options.load ?? loadClientNode)();
    } catch {
      throw configError(`${this.#options.where}: refreshing an OIDC token needs the package ${CLIENT_NODE}, which is not installed; add ${CLIENT_NODE}@2 to your dependencies, or use an exec plugin`);
    }
  }
}

/** By a variable, so that neither the compiler nor a bundler pulls the package in. */
async function loadClientNode(): Promise<OidcModule> {
  const specifier: string = `${CLIENT_NODE}/dist/oidc_auth.js`;
  return (await import(specifier)) as OidcModule;
}

function bearer(token: string): Credential {
  return { authorization: `Bearer ${token}`, certificate: undefined };
}

/** Milliseconds since the epoch at which a JWT expires; the past when it is none, so that it is not used. */
function expiryOf(token: string): number {
  try {
    const payload = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as { exp?: unknown };
    return typeof payload.exp === 'number' ? payload.exp * 1000 : Number.NEGATIVE_INFINITY;
  } catch {
    return Number.NEGATIVE_INFINITY;
  }
}
