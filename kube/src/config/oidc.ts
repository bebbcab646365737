import type { Clock } from '../clock.ts';
import type { KubeError } from '../kube-error.ts';
import { configError } from './config-error.ts';
import type { Credential, CredentialSource } from './connection.ts';
import type { StoredTokens, TokenStore } from './token-store.ts';

/** As for exec plugins: a token this close to its end is fetched anew. */
const EXPIRY_SKEW_MS = 60_000;
/** For reading or writing the store, once. */
const STORE_MS = 15_000;
const CLIENT_NODE = '@kubernetes/client-node';
const HOW_TO_GET = `add ${CLIENT_NODE}@2 to your dependencies (npm install ${CLIENT_NODE}@2), or run any kubectl command as this user, which refreshes the token in the kubeconfig, or use an exec plugin`;
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
  /** Where others find what is refreshed here, and the other way round; undefined keeps the tokens in memory. */
  readonly store: TokenStore | undefined;
  /** Hears of a store that could not be read or written: the tokens are good all the same. */
  readonly onStoreFailure: (failure: KubeError) => void;
  /** Default: client-node, loaded when a token has to be refreshed and not before. */
  readonly load?: () => Promise<OidcModule>;
}

/**
 * An OpenID Connect user: the id-token while it is valid, then the one that another program has stored, then a new one through client-node,
 * one refresh at a time. Many providers let a refresh token be used once, so what a refresh brings is stored before anyone is served.
 */
export class OidcCredential implements CredentialSource {
  readonly #options: OidcOptions;
  #idToken: string | undefined;
  #refreshToken: string | undefined;
  #rejected: string | undefined;
  #refreshing: Promise<Credential> | undefined;

  constructor(options: OidcOptions) {
    this.#options = options;
    this.#idToken = options.idToken;
    this.#refreshToken = options.refreshToken;
  }

  current(_options: { signal: AbortSignal }): Promise<Credential> {
    const token = this.#idToken;
    if (this.#isUsable(token)) return Promise.resolve(bearer(token));
    // Shared, so one caller's abort must not end it for the others; the issuer's calls have their own time limit.
    this.#refreshing ??= this.#renew().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  rejected(credential: Credential): void {
    if (this.#idToken !== undefined && credential.authorization === bearer(this.#idToken).authorization) this.#rejected = this.#idToken;
  }

  async #renew(): Promise<Credential> {
    await this.#adoptStored();
    return bearer(this.#isUsable(this.#idToken) ? this.#idToken : await this.#refresh());
  }

  /** Another program may have spent our refresh token; providers that see one twice may end the whole login. */
  async #adoptStored(): Promise<void> {
    try {
      const stored = await this.#options.store?.read({ signal: AbortSignal.timeout(STORE_MS) });
      if (this.#isUsable(stored?.idToken)) this.#idToken = stored?.idToken;
      this.#refreshToken = stored?.refreshToken ?? this.#refreshToken;
    } catch (error) {
      this.#reportStore('read', error);
    }
  }

  async #refresh(): Promise<string> {
    const { where } = this.#options;
    const spent = this.#refreshToken;
    if (spent === undefined) throw configError(`${where}: the id-token is missing or expired and there is no refresh-token; log in again`);
    const config = await this.#askIssuer(spent);
    const token = config['id-token'] ?? '';
    const isSound = expiryOf(token) > this.#options.clock.now();
    if (isSound) this.#idToken = token;
    // The old refresh token is spent, whatever the id-token is.
    this.#refreshToken = config['refresh-token'];
    await this.#save(spent, { idToken: isSound ? token : undefined, refreshToken: this.#refreshToken });
    if (!isSound) throw configError(`${where}: the provider answered with an id-token that is expired or no JWT; check the clocks`);
    return token;
  }

  async #askIssuer(refreshToken: string): Promise<AuthConfig> {
    const { where, clientId, issuer } = this.#options;
    const { OpenIDConnectAuth } = await this.#load();
    const config: AuthConfig = { 'id-token': EXPIRED_TOKEN, 'refresh-token': refreshToken, 'client-id': clientId, 'idp-issuer-url': 'preconfigured' };
    try {
      // A new authenticator each time: it keeps one expiry for all users.
      await new OpenIDConnectAuth().applyAuthentication({ name: 'oidc', authProvider: { name: 'oidc', config } }, { headers: {} }, issuer);
    } catch (error) {
      throw configError(`${where}: the id-token could not be refreshed: ${error instanceof Error ? error.message : 'unknown error'}`);
    }
    return config;
  }

  async #save(spent: string, next: StoredTokens): Promise<void> {
    try {
      await this.#options.store?.replace(spent, next, { signal: AbortSignal.timeout(STORE_MS) });
    } catch (error) {
      this.#reportStore('written', error);
    }
  }

  #reportStore(done: 'read' | 'written', error: unknown): void {
    const why = error instanceof Error ? error.message : 'unknown error';
    const effect = done === 'read' ? 'tokens of other programs are not seen' : 'other programs may have to log in again';
    this.#options.onStoreFailure(configError(`${this.#options.where}: refreshed tokens could not be ${done}, so ${effect}: ${why}`, error));
  }

  #isUsable(token: string | undefined): token is string {
    return token !== undefined && token !== this.#rejected && this.#options.clock.now() < expiryOf(token) - EXPIRY_SKEW_MS;
  }

  async #load(): Promise<OidcModule> {
    try {
      return await (this.#options.load ?? loadClientNode)();
    } catch {
      throw configError(`${this.#options.where}: refreshing an OIDC token needs the package ${CLIENT_NODE}, which is not installed; ${HOW_TO_GET}`);
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
