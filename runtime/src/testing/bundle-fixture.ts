import type { AgentBundle, BundleTool } from '@sluice/crds';

/** A tool that is one HTTP request. */
export type HttpBundleTool = BundleTool & { readonly http: NonNullable<BundleTool['http']> };

/** A tool that reads a ticket by its id. */
export function ticketTool(changes: Partial<HttpBundleTool> = {}): HttpBundleTool {
  return {
    name: 'ticket_read',
    description: 'Reads a ticket.',
    parameters: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'], additionalProperties: false },
    http: { method: 'GET', url: 'https://tickets.example.com/v1/tickets/{id}', allowedHosts: ['tickets.example.com'] },
    timeoutMs: 1_000,
    effect: 'Read',
    ...changes,
  };
}

/** A valid bundle for tests. */
export function bundleFixture(changes: Partial<AgentBundle> = {}): AgentBundle {
  return {
    schemaVersion: 1,
    agent: { namespace: 'shop', name: 'support' },
    model: { provider: { kind: 'Anthropic' }, name: 'model-1', parameters: { maxOutputTokens: 256 } },
    prompt: 'You help customers of the shop.',
    tools: [],
    limits: { requestTimeoutMs: 10_000, maxConcurrentRequests: 4, maxQueuedRequests: 4, maxModelTurns: 4, maxInputCharacters: 1_000 },
    ...changes,
  };
}
