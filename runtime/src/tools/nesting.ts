/** Levels of objects and lists within each other that anybody from outside may send: what walks such a value does so by recursion, and the stack ends. */
export const deepestNesting = 64;

/** Whether a value of JSON has objects and lists more than `levels` within each other. Never goes deeper than that itself. */
export function isNestedDeeper(value: unknown, levels: number = deepestNesting): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((member) => isNestedDeeper(member, levels - 1));
}
