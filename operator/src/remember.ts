/** Sets `key` as what was set last; of more than `maximum` entries the one that was set longest ago makes room. A Map keeps the order in which its entries were set. */
export function remember<Key, Value>(memory: Map<Key, Value>, key: Key, value: Value, maximum: number): void {
  memory.delete(key);
  memory.set(key, value);
  const [oldest] = memory.keys();
  if (memory.size > maximum && oldest !== undefined) memory.delete(oldest);
}
