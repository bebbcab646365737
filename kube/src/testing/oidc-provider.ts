import { firstAuthority, firstServer } from './certificates.ts';
import { answer, ScriptedServer } from './scripted-server.ts';

/** An OpenID provider on loopback that answers each refresh with a new token, and counts them. */
export class OidcProvider {
  readonly server: ScriptedServer;
  readonly authority = firstAuthority;
  /** Milliseconds since the epoch; the test's clock. */
  readonly #now: () => number;
  lifetimeSeconds = 600;
  /** What the token endpoint says instead of a token. */
  refusal: { code: number; body: object } | undefined;

  private constructor(server: ScriptedServer, now: () => number) {
    this.server = server;
    this.#now = now;
    server.script((request, response) => {
      if (request.path === '/.well-known/openid-configuration') return answer(response, 200, { issuer: this.url, token_endpoint: `${this.url}/token` });
      if (this.refusal) return answer(response, this.refusal.code, this.refusal.body);
      const turn = this.refreshes.length;
      return answer(response, 200, { id_token: this.idToken(this.lifetimeSeconds, `turn-${turn}`), refresh_token: `refresh-${turn}`, access_token: 'access', token_type: 'Bearer' });
    });
  }

  static async start(now: () => number): Promise<OidcProvider> {
    return new OidcProvider(await ScriptedServer.listen({ tls: firstServer }), now);
  }

  get url(): string {
    return this.server.url;
  }

  /** The forms sent to the token endpoint. */
  get refreshes(): URLSearchParams[] {
    return this.server.requests.filter((request) => request.path === '/token').map((request) => new URLSearchParams(request.body));
  }

  /** A JWT that expires in `seconds`; its signature is not one, as only the API server checks it. */
  idToken(seconds: number, subject: string): string {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    return [part({ alg: 'RS256' }), part({ iss: this.url, sub: subject, exp: Math.floor(this.#now() / 1000) + seconds }), 'c2lnbmF0dXJl'].join('.');
  }

  close(): Promise<void> {
    return this.server.close();
  }
}
