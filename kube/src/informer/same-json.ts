/** Whether two JSON values say the same, whatever the order of their members. Allocates nothing: each event of a watch pays for it. */
export function sameJson(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (Array.isArray(one) || Array.isArray(other)) return Array.isArray(one) && Array.isArray(other) && one.length === other.length && one.every((member, at) => sameJson(member, other[at]));
  return sameMembers(one as Record<string, unknown>, other as Record<string, unknown>);
}

function sameMembers(one: Record<string, unknown>, other: Record<string, unknown>): boolean {
  let more = 0;
  for (const key in one) {
    if (!Object.hasOwn(other, key) || !sameJson(one[key], other[key])) return false;
    more += 1;
  }
  for (const _key in other) more -= 1;
  return more === 0;
}
