import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import { Agent, type Dispatcher, Pool, ProxyAgent } from 'undici';
import type { ClientCertificate, Trust } from '../config/connection.ts';

/** The API server closes idle connections after 90 s; giving up earlier avoids writing into a closing one. */
const IDLE_MS = 60_000;
const CONNECT_TIMEOUT_MS = 10_000;

/** See docs/decisions/0013: figures of both. */
export type Protocol = 'http1' | 'http2';

/** All that a connection is bound to: calls that agree in it may share one. */
export interface TlsIdentity {
  readonly trust: Trust;
  readonly certificate: ClientCertificate | undefined;
}

export interface ConnectionPoolOptions {
  readonly protocol: Protocol;
  /** URL of an HTTP or HTTPS proxy, credentials included. */
  readonly proxy: string | undefined;
}

/**
 * The connections to one API server: one undici Agent for the current TLS identity, shared by calls and watches. It opens as many as
 * are in use at once; whoever uses it bounds that. A rotated CA or client certificate gets a new Agent while old streams end on theirs.
 */
export class ConnectionPool {
  readonly #options: ConnectionPoolOptions;
  #current: { readonly agent: Dispatcher; readonly identity: TlsIdentity } | undefined;
  readonly #retired = new Set<Dispatcher>();
  /** An Agent that is closing forgets its pools: destroying it would leave their streams open. */
  #pools: Pool[] = [];
  #state: 'open' | 'closed' = 'open';

  constructor(options: ConnectionPoolOptions) {
    this.#options = options;
  }

  /** Throws once closed: a connection made then would be nobody's to end. */
  agent(identity: TlsIdentity): Dispatcher {
    if (this.#state === 'closed') throw new Error('the transport is closed');
    const current = this.#current;
    if (current && sameIdentity(current.identity, identity)) return current.agent;
    const agent = this.#build(identity);
    if (current) this.#retire(current.agent);
    this.#current = { agent, identity };
    return agent;
  }

  /** Ends every connection, streams in use included. */
  async close(): Promise<void> {
    this.#state = 'closed';
    const agents = [...this.#retired, ...(this.#current ? [this.#current.agent] : []), ...this.#pools];
    this.#pools = [];
    this.#current = undefined;
    this.#retired.clear();
    await Promise.all(agents.map((agent) => agent.destroy()));
  }

  #retire(agent: Dispatcher): void {
    this.#retired.add(agent);
    const forget = () => void this.#retired.delete(agent);
    agent.close().then(forget, forget);
  }

  #pool(origin: string | URL, options: Pool.Options): Pool {
    const pool = new Pool(origin, options);
    this.#pools = [...this.#pools.filter((each) => !each.destroyed), pool];
    return pool;
  }

  #build({ trust, certificate }: TlsIdentity): Dispatcher {
    const { protocol, proxy } = this.#options;
    const identity = {
      ...(trust.ca === undefined ? {} : { ca: trust.ca }),
      ...(certificate === undefined ? {} : { cert: certificate.cert, key: certificate.key }),
    };
    const secureContext = contextOf(identity);
    const tls = {
      timeout: CONNECT_TIMEOUT_MS,
      rejectUnauthorized: trust.verify === 'verify',
      ...identity,
      ...(secureContext === undefined ? {} : { secureContext }),
      ...(trust.serverName === undefined ? {} : { servername: trust.serverName }),
    };
    const options: Agent.Options = {
      allowH2: protocol === 'http2',
      factory: (origin, poolOptions) => this.#pool(origin, poolOptions),
      // Without a limit each call or watch that finds no idle connection opens one.
      connections: null,
      ...(protocol === 'http1' ? { pipelining: 1 } : {}),
      keepAliveTimeout: IDLE_MS,
      keepAliveMaxTimeout: IDLE_MS,
    };
    if (proxy === undefined) return new Agent({ ...options, connect: tls });
    // The CA and the client certificate are for the API server at the end of the tunnel, never for the proxy.
    return new ProxyAgent({ ...options, uri: proxy, connectTimeout: CONNECT_TIMEOUT_MS, requestTls: { ...tls, allowH2: protocol === 'http2' }, proxyTls: { allowH2: false } });
  }
}

/** Parsed certificates, one set for all connections: each would parse and keep its own. Where they cannot be parsed each connection says so. */
function contextOf(identity: SecureContextOptions): SecureContext | undefined {
  try {
    return createSecureContext(identity);
  } catch {
    return undefined;
  }
}

function sameIdentity(left: TlsIdentity, right: TlsIdentity): boolean {
  return sameTrust(left.trust, right.trust) && sameCertificate(left.certificate, right.certificate);
}

function sameTrust(left: Trust, right: Trust): boolean {
  return left.ca === right.ca && left.serverName === right.serverName && left.verify === right.verify;
}

function sameCertificate(left: ClientCertificate | undefined, right: ClientCertificate | undefined): boolean {
  return left?.cert === right?.cert && left?.key === right?.key;
}
