import { InMemoryResponseCacheStore, type ResponseCacheStore } from '@modelcontextprotocol/client';

function withoutResultSchema(tool: unknown): unknown {
  if (typeof tool !== 'object' || tool === null) return tool;
  const { outputSchema: _, ...rest } = tool as Record<string, unknown>;
  return rest;
}

/** A list of tools, as JSON, without what their server says of their results. */
function withoutResultSchemas(list: string): string {
  const { tools, ...rest } = JSON.parse(list) as { readonly tools?: unknown };
  return Array.isArray(tools) ? JSON.stringify({ ...rest, tools: tools.map(withoutResultSchema) }) : list;
}

/**
 * Where the library keeps the lists of a server. It would compile the schemas of the results of all listed tools before the first call, and match results with
 * them: work of any length, with patterns and texts that are both the server's. And a result that does not fit is thrown as an error, as if a write that was made had been
 * refused. Results are untrusted texts whatever their schema says.
 */
export function createListStore(): ResponseCacheStore {
  const kept = new InMemoryResponseCacheStore();
  return {
    get: (key) => kept.get(key),
    set: (key, entry) => kept.set(key, key.method === 'tools/list' ? { ...entry, value: withoutResultSchemas(entry.value) } : entry),
    delete: (key) => kept.delete(key),
    evict: (method) => kept.evict(method),
    clear: () => kept.clear(),
  };
}
