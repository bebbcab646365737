/** Whose something is. Nobody else sees it, and to nobody else does it exist. */
export interface Owner {
  readonly tenant: string;
  /** The user or the service that asked. */
  readonly subject: string;
}
