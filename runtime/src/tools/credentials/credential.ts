import type { BundleCredential } from '@sluice/crds';
import type { SecretFile } from '../../config/secret-file.ts';

/** What a server knows the agent by. */
export interface Credential {
  /** The headers of a request, names in lower case. Throws CredentialError when none can be had now, and the signal's reason. */
  readonly headers: (signal: AbortSignal) => Promise<Readonly<Record<string, string>>>;
  /** The server did not take it: the next request gets a new one if there is one. */
  readonly refused: () => void;
  /** A text without the credential: servers repeat what they are sent, and a model must not see it. */
  readonly redacted: (text: string) => string;
  /** Every secret seen so far: what no log line may hold. */
  readonly secrets: () => readonly string[];
}

/** The token server does not give a token. Its text holds no secret. */
export class CredentialError extends Error {
  override readonly name = 'CredentialError';
  readonly code = 'NO_CREDENTIAL';
}

const struckOut = '[REDACTED]';

/** The longest first, so that one that holds another leaves nothing of it. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.toSorted((left, right) => right.length - left.length).reduce((rest, secret) => (secret.length < 4 ? rest : rest.replaceAll(secret, struckOut)), text);
}

/** A secret that is sent as it is: in a header of its own, or as bearer token. */
export function createFixedCredential({ header }: Pick<BundleCredential, 'header'>, secret: SecretFile): Credential {
  return {
    headers: async () => (header === undefined ? { authorization: `Bearer ${secret.current()}` } : { [header.name.toLowerCase()]: secret.current() }),
    refused: secret.look,
    redacted: (text) => withoutSecrets(text, secret.seen()),
    secrets: secret.seen,
  };
}
