/**
 * Whether two values are the same JSON: the order of members and members that are undefined do not count. Asked of each event of a watch
 * and at every look at an object, so nothing is allocated for the answer.
 */
export function isSameJson(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left) || Array.isArray(right)) return Array.isArray(left) && Array.isArray(right) && sameElements(left, right);
  return sameMembers(left as Members, right as Members);
}

type Members = Readonly<Record<string, unknown>>;

function sameElements(left: readonly unknown[], right: readonly unknown[]): boolean {
  if (left.length !== right.length) return false;
  for (let at = 0; at < left.length; at++) if (!isSameJson(left[at] ?? null, right[at] ?? null)) return false;
  return true;
}

function sameMembers(left: Members, right: Members): boolean {
  let members = 0;
  for (const key in left) {
    const value = left[key];
    if (value === undefined) continue;
    if (!Object.hasOwn(right, key) || !isSameJson(value, right[key])) return false;
    members += 1;
  }
  for (const key in right) if (right[key] !== undefined) members -= 1;
  return members === 0;
}
