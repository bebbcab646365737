/** What a client may take of the server; times in milliseconds. */
export interface ClientLimits {
  /** For the headers of a request to arrive. */
  readonly headersMs: number;
  /** For a whole request to arrive. */
  readonly requestMs: number;
  /** How often connections are looked at for the two above. */
  readonly checkMs: number;
  /** More for a connection that has said nothing at all after `headersMs`; then it is closed without a word. */
  readonly silentMs: number;
  /** A connection without traffic in a request is closed then; above the longest request. */
  readonly idleMs: number;
  /** A connection between two requests. */
  readonly keepAliveMs: number;
  /** Bytes. */
  readonly headerBytes: number;
}

/** A socket without traffic is closed this long after the longest request could have ended. */
const idleMarginMilliseconds = 30_000;

export function defaultClientLimits(requestTimeoutMs: number): ClientLimits {
  return {
    headersMs: 10_000,
    requestMs: 30_000,
    checkMs: 2_000,
    // Clients open connections ahead of their requests and keep them; browsers do for a minute.
    silentMs: 60_000,
    idleMs: requestTimeoutMs + idleMarginMilliseconds,
    // Longer than load balancers keep an idle connection (600 s at most among the common ones), so that they close first and no request meets a closing one.
    keepAliveMs: 650_000,
    headerBytes: 16_384,
  };
}

/** What fastify and its server are told of the limits. */
export function serverOptions({ headersMs, requestMs, checkMs, idleMs, keepAliveMs, headerBytes }: ClientLimits) {
  return {
    keepAliveTimeout: keepAliveMs,
    requestTimeout: requestMs,
    connectionTimeout: idleMs,
    // Who sends no Host is told so in our words: see addHeaderChecks.
    http: { headersTimeout: headersMs, connectionsCheckingInterval: checkMs, maxHeaderSize: headerBytes, requireHostHeader: false },
  };
}
