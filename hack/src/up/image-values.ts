/** An image reference in the parts that the chart's values take. */
export interface ImageValues {
  readonly repository: string;
  readonly tag: string;
  /** `sha256:...`, or empty. */
  readonly digest: string;
}

/** Splits REPOSITORY[:TAG][@DIGEST]; without both, Kubernetes reads `latest`. */
export function imageValues(ref: string): ImageValues {
  const [name = '', digest = ''] = ref.split('@');
  const colon = name.lastIndexOf(':');
  const tagged = colon > name.lastIndexOf('/');
  const tag = tagged ? name.slice(colon + 1) : '';
  return { repository: tagged ? name.slice(0, colon) : name, tag: tag === '' && digest === '' ? 'latest' : tag, digest };
}
