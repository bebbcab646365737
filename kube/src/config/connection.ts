/** Process environment, passed in so that nothing here reads global state. */
export interface Environment {
  readonly [name: string]: string | undefined;
}

/** Whom the client trusts. */
export interface Trust {
  /** PEM bundle; undefined means the system's roots. */
  readonly ca: string | undefined;
  /** Name to expect in the server's certificate when it is not the URL's host. */
  readonly serverName: string | undefined;
  /** 'skip' accepts any certificate: only ever from `insecure-skip-tls-verify`. */
  readonly verify: 'verify' | 'skip';
}

export interface ClientCertificate {
  /** PEM. */
  readonly cert: string;
  /** PEM. */
  readonly key: string;
}

/** Who the client is. Never log one. */
export interface Credential {
  readonly authorization: string | undefined;
  readonly certificate: ClientCertificate | undefined;
}

export interface CredentialSource {
  /** The credential to use now; may read a file or run a plugin. Throws KubeError with reason `Config` when there is none to be had. */
  current(options: { signal: AbortSignal }): Promise<Credential>;
  /** The server answered 401 to `credential`: forget it, so that the next call fetches afresh. */
  rejected(credential: Credential): void;
}

/** Act as someone else: the API server checks that the credential may. */
export interface Impersonation {
  readonly user: string;
  readonly uid: string | undefined;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** A cluster to talk to: made by loadKubeConfig, inClusterConfig or connectionFromEnvironment. */
export interface ClusterConnection {
  /** Base URL without a trailing slash. */
  readonly server: string;
  /** The context's (or the pod's) namespace; 'default' when not said. */
  readonly namespace: string;
  /** URL of the HTTP or HTTPS proxy to go through; may hold a password. */
  readonly proxy?: string | undefined;
  readonly impersonate?: Impersonation | undefined;
  readonly credentials: CredentialSource;
  trust(): Promise<Trust>;
}
