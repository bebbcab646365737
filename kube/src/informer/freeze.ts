/** Freezes a JSON value all the way down: what the cache hands out is shared, so nobody may change it. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const member of Object.values(value)) deepFreeze(member);
  return Object.freeze(value);
}

/** Drops `managedFields`, often half of an object and of use to the API server only. */
export function withoutManagedFields<T extends { metadata: { managedFields?: unknown } }>(object: T): T {
  if (object.metadata.managedFields === undefined) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
