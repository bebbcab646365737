import type { ClusterConnection, Credential, Trust } from '../config/connection.ts';

/** A connection to a scripted server. */
export function connectionTo(server: string, options: { credential?: Partial<Credential>; trust?: Partial<Trust> } = {}): ClusterConnection {
  return {
    server,
    namespace: 'default',
    credentials: { current: () => Promise.resolve({ authorization: undefined, certificate: undefined, ...options.credential }), rejected() {} },
    trust: () => Promise.resolve({ ca: undefined, serverName: undefined, verify: 'verify', ...options.trust }),
  };
}
