/**
 * Freezes a JSON value all the way down: what the cache hands out is shared, so nobody may change it. It must be a tree: a cycle
 * would never end. Written for speed (each watch event pays for it): arrays by position, objects by key, nothing allocated.
 */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) freezeTree(value as Record<string, unknown> | unknown[]);
  return value;
}

function freezeTree(tree: Record<string, unknown> | unknown[]): void {
  if (Array.isArray(tree)) {
    for (let at = 0; at < tree.length; at++) {
      const member = tree[at];
      if (typeof member === 'object' && member !== null) freezeTree(member as Record<string, unknown>);
    }
  } else {
    for (const key in tree) {
      const member = tree[key];
      if (typeof member === 'object' && member !== null) freezeTree(member as Record<string, unknown>);
    }
  }
  Object.freeze(tree);
}
