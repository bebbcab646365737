export type CrdInstallReason =
  /** The definition is malformed, or the API server's validation refused it. */
  | 'Invalid'
  /** What is installed is of a newer release. */
  | 'Downgrade'
  /** Objects may be stored in a version that the definition leaves out. */
  | 'StoredVersionDropped'
  /** Group, plural or scope cannot change. */
  | 'IdentityChanged'
  /** Another definition holds one of the names. */
  | 'NamesNotAccepted'
  | 'NonStructuralSchema'
  | 'Timeout'
  /** The storage version changed while objects were rewritten, or is not served. */
  | 'MigrationImpossible';

/** Why a custom resource definition is not installed; `message` says what to do. */
export class CrdInstallError extends Error {
  override readonly name = 'CrdInstallError';
  readonly reason: CrdInstallReason;
  /** `plural.group`. */
  readonly crd: string;

  constructor(details: { readonly reason: CrdInstallReason; readonly crd: string; readonly message: string; readonly cause?: unknown }) {
    super(`CustomResourceDefinition '${details.crd}': ${details.message}`, details.cause === undefined ? undefined : { cause: details.cause });
    this.reason = details.reason;
    this.crd = details.crd;
  }
}
