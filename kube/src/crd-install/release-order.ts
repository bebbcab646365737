/** How release names follow one another: as numbers, or by semver 2.0.0 precedence with or without a leading `v`. */
export type ReleaseOrder = 'number' | 'semver';

const SEMVER = /^v?(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/;

/** Negative when `left` is older, 0 when the same, positive when newer. Throws RangeError for a text that is no such release. */
export function compareReleases(order: ReleaseOrder, left: string, right: string): number {
  return order === 'number' ? numberOf(left) - numberOf(right) : compareSemver(left, right);
}

function numberOf(release: string): number {
  const value = release.trim() === '' ? Number.NaN : Number(release);
  if (!Number.isFinite(value)) throw new RangeError(`release '${release}' is not a number; order 'number' needs one`);
  return value;
}

function compareSemver(left: string, right: string): number {
  const [one, other] = [parseSemver(left), parseSemver(right)];
  for (const [index, value] of one.numbers.entries()) {
    const difference = value - (other.numbers[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return comparePrerelease(one.prerelease, other.prerelease);
}

function parseSemver(release: string): { readonly numbers: readonly number[]; readonly prerelease: readonly string[] } {
  const match = SEMVER.exec(release);
  if (!match) throw new RangeError(`release '${release}' is not a semantic version such as 1.4.0; order 'semver' needs one`);
  return { numbers: match.slice(1, 4).map(Number), prerelease: match[4]?.split('.') ?? [] };
}

/** A pre-release comes before its release; identifiers compare one by one, numbers before words. */
function comparePrerelease(left: readonly string[], right: readonly string[]): number {
  if (left.length === 0 || right.length === 0) return right.length - left.length;
  for (const [index, one] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    const difference = compareIdentifiers(one, other);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

function compareIdentifiers(left: string, right: string): number {
  const [one, other] = [/^\d+$/.test(left), /^\d+$/.test(right)];
  if (one && other) return Number(left) - Number(right);
  if (one !== other) return one ? -1 : 1;
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
