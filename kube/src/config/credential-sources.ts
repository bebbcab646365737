import type { Clock } from '../clock.ts';
import type { ClientCertificate, Credential, CredentialSource } from './connection.ts';
import { RefreshedFile } from './refreshed-file.ts';

/** A credential that never changes. */
export function fixedCredential(credential: Credential): CredentialSource {
  const frozen = Object.freeze({ ...credential });
  return { current: () => Promise.resolve(frozen), rejected() {} };
}

/** A bearer token in a file that the kubelet or a sidecar rotates; a fixed client certificate may go with it. */
export function tokenFileCredential(path: string, clock: Clock, certificate?: ClientCertificate): CredentialSource {
  const file = new RefreshedFile(path, clock);
  return {
    current: async () => ({ authorization: `Bearer ${await file.read()}`, certificate }),
    rejected: () => file.expire(),
  };
}
