/** Whose something is. Nobody else sees it, and to nobody else does it exist. */
export interface Owner {
  readonly tenant: string;
  /** The user or the service that asked. */
  readonly subject: string;
  /** Who vouched for the subject, which is a name of theirs: two of them may know the same name. Not set: kept by a version that did not tell them apart. */
  readonly authority?: string | undefined;
}

/** Of one that may ask for more than is kept of an owner. */
export function ownerOf({ tenant, subject, authority }: Owner): Owner {
  return { tenant, subject, ...(authority === undefined ? {} : { authority }) };
}

/** Whether they are one. Where nobody knows who vouched, because it was kept by an older version, the name alone decides, as it did there. */
export function isSameOwner(one: Owner, other: Owner): boolean {
  if (one.tenant !== other.tenant || one.subject !== other.subject) return false;
  return one.authority === undefined || other.authority === undefined || one.authority === other.authority;
}
