const NUMBER = /^(0|[1-9]\d*)$/;

/**
 * Orders two resourceVersions of one resource type: negative when `left` is older. Kubernetes 1.35 made them comparable as
 * unbounded decimal numbers (KEP-5504); undefined when one is not such a number, as an extension API server's may be.
 */
export function compareResourceVersions(left: string, right: string): number | undefined {
  if (left === right) return 0;
  if (!NUMBER.test(left) || !NUMBER.test(right)) return undefined;
  if (left.length !== right.length) return left.length - right.length;
  return left < right ? -1 : 1;
}

/** True only when `candidate` is known to be older than `reference`. */
export function isOlder(candidate: string | undefined, reference: string | undefined): boolean {
  if (candidate === undefined || reference === undefined) return false;
  return (compareResourceVersions(candidate, reference) ?? 0) < 0;
}
