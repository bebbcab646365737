import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { orderQuestion, plainQuestion, type Kind } from '../kind.ts';

/** Calls of one client; then another one comes, by the other revision of the protocol. */
const callsOfClient = 50;

/** The agent as a tool, by clients of both revisions. */
export const toolCalled: Kind = ({ url, keys }) => {
  const connect = async (number: number): Promise<Client> => {
    const client = new Client({ name: 'soak', version: '1' }, number % 2 === 0 ? { versionNegotiation: { mode: { pin: '2026-07-28' } } } : {});
    await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/v1/mcp`), { requestInit: { headers: { authorization: `Bearer ${keys.user}` } } }));
    return client;
  };
  let calls = 0;
  let current = connect(0);
  return async (index) => {
    calls += 1;
    // What is called with the last one goes on; it holds no connection of its own.
    if (calls % callsOfClient === 0) current = connect(calls / callsOfClient);
    const client = await current;
    const { content } = await client.callTool({ name: 'support', arguments: { text: (index % 2 === 0 ? plainQuestion(index) : orderQuestion(index)).input.text } });
    if (content.length === 0) throw new Error('a call of the agent by MCP came back empty');
  };
};
