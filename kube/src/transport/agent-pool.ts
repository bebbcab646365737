import { Agent } from 'undici';
import type { ClientCertificate, Trust } from '../config/connection.ts';

/** The API server closes idle connections after 90 s; giving up earlier avoids writing into a closing one. */
const IDLE_MS = 60_000;
const CONNECT_TIMEOUT_MS = 10_000;

export interface AgentPoolOptions {
  /** Upper bound of connections; null for none (each watch holds one). */
  readonly connections: number | null;
}

/** One undici Agent for the current TLS material; a rotated CA or client certificate gets a new one while old streams end. */
export class AgentPool {
  readonly #options: AgentPoolOptions;
  #current: { readonly agent: Agent; readonly trust: Trust; readonly certificate: ClientCertificate | undefined } | undefined;
  readonly #retired = new Set<Agent>();

  constructor(options: AgentPoolOptions) {
    this.#options = options;
  }

  agent(trust: Trust, certificate: ClientCertificate | undefined): Agent {
    const current = this.#current;
    if (current && sameTrust(current.trust, trust) && sameCertificate(current.certificate, certificate)) return current.agent;
    if (current) this.#retire(current.agent);
    const agent = this.#build(trust, certificate);
    this.#current = { agent, trust, certificate };
    return agent;
  }

  /** Ends every connection, streams in use included. */
  async close(): Promise<void> {
    const agents = [...this.#retired, ...(this.#current ? [this.#current.agent] : [])];
    this.#current = undefined;
    this.#retired.clear();
    await Promise.all(agents.map((agent) => agent.destroy()));
  }

  #retire(agent: Agent): void {
    this.#retired.add(agent);
    const forget = () => void this.#retired.delete(agent);
    agent.close().then(forget, forget);
  }

  #build(trust: Trust, certificate: ClientCertificate | undefined): Agent {
    return new Agent({
      // HTTP/1.1: a stalled socket then hurts one request or watch, not all that share an h2 session.
      allowH2: false,
      connections: this.#options.connections,
      pipelining: 1,
      keepAliveTimeout: IDLE_MS,
      keepAliveMaxTimeout: IDLE_MS,
      connect: {
        timeout: CONNECT_TIMEOUT_MS,
        rejectUnauthorized: trust.verify === 'verify',
        ...(trust.ca === undefined ? {} : { ca: trust.ca }),
        ...(trust.serverName === undefined ? {} : { servername: trust.serverName }),
        ...(certificate === undefined ? {} : { cert: certificate.cert, key: certificate.key }),
      },
    });
  }
}

function sameTrust(left: Trust, right: Trust): boolean {
  return left.ca === right.ca && left.serverName === right.serverName && left.verify === right.verify;
}

function sameCertificate(left: ClientCertificate | undefined, right: ClientCertificate | undefined): boolean {
  return left?.cert === right?.cert && left?.key === right?.key;
}
