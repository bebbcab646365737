/** Where an agent gives its card, below its address (RFC 8615, A2A 1.0 section 8.2). */
export const cardPath = '/.well-known/agent-card.json';

/** Where the agent answers as a server of A2A, below its address. */
export const a2aPath = '/v1/a2a';

/** Where the agent answers as a server of MCP, below its address. */
export const mcpPath = '/v1/mcp';

/** The newest revision of MCP that is served; clients of earlier ones are served too. */
export const mcpRevision = '2026-07-28';

/** Names the member of a card that tells which revision of the agent answers. */
export const revisionExtension = 'urn:sluice:a2a:revision:v1';
