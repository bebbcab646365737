import { DefaultAgentCardResolver, ClientFactory, type Client } from '@a2a-js/sdk/client';
import { Role, TaskState, type SendMessageRequest, type Task } from '@a2a-js/sdk';
import { Client as McpClient, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningSimulator, startSimulator } from '../../provider-simulator/running-simulator.ts';
import { simulatedBundle, startAgent } from '../agent-program.ts';
import type { Program } from '../program.ts';
import { askByPython } from './python-client.ts';

const stop = new AbortController();
const answer = 'The parcel is with you in two days.';
const limits = { requestTimeoutMs: 5_000, maxConcurrentRequests: 16, maxQueuedRequests: 16, maxModelTurns: 4, maxInputCharacters: 20_000 };
let simulator: RunningSimulator;
let agent: Program;

beforeAll(async () => {
  simulator = await startSimulator({ script: { rules: [{ respond: { answer } }] } });
  const interfaces = (url: string) => ({ description: 'Helps customers of the shop.', url, mcp: { tool: 'support' }, a2a: {} });
  agent = await startAgent({ bundle: (url) => simulatedBundle(simulator.url, { interfaces: interfaces(url), limits }), signal: stop.signal });
}, 240_000);

afterAll(async () => {
  stop.abort();
  await agent?.stop();
  await simulator?.close();
}, 60_000);

let messages = 0;

function message(text: string): SendMessageRequest {
  messages += 1;
  const parts = [{ content: { $case: 'text' as const, value: text }, metadata: undefined, filename: '', mediaType: 'text/plain' }];
  return { tenant: '', configuration: undefined, metadata: undefined, message: { messageId: `m-${messages}`, contextId: '', taskId: '', role: Role.ROLE_USER, parts, metadata: undefined, extensions: [], referenceTaskIds: [] } };
}

/** As a stranger finds it: by the card at its well-known address. */
async function connect(): Promise<Client> {
  return await new ClientFactory().createFromAgentCard(await new DefaultAgentCardResolver().resolve(agent.url));
}

function answerOf(task: Task): string {
  const part = task.artifacts.find(({ artifactId }) => artifactId === 'answer')?.parts[0];
  return part?.content?.$case === 'text' ? part.content.value : '';
}

describe('the SDK of A2A beside a real server', { timeout: 240_000 }, () => {
  it('finds the agent by its card, asks it and gets the task again', async () => {
    const client = await connect();
    const task = await client.sendMessage(message('Where is my order?')) as Task;
    expect([task.status?.state, answerOf(task)]).toEqual([TaskState.TASK_STATE_COMPLETED, answer]);
    expect(answerOf(await client.getTask({ tenant: '', id: task.id, historyLength: undefined }))).toBe(answer);
  });

  it('follows an answer to its end', async () => {
    const states: (TaskState | undefined)[] = [];
    for await (const { payload } of (await connect()).sendMessageStream(message('Where is my order?'))) {
      if (payload?.$case === 'statusUpdate') states.push(payload.value.status?.state);
    }
    expect(states.at(-1)).toBe(TaskState.TASK_STATE_COMPLETED);
  });

  it.each([
    ['is down', { status: 500 }],
    ['hangs', { hang: true as const }],
    ['cuts its streams', { answer, cutStreamAfterEvents: 2 }],
    ['answers what cannot be read', { answer, malformedJson: true as const }],
  ])('gets a task that failed, never one without an end, when the provider %s', async (_name, respond) => {
    await simulator.setScript({ rules: [{ respond }] });
    const task = await (await connect()).sendMessage(message('Where is my order?')) as Task;
    if (task.status?.state === TaskState.TASK_STATE_COMPLETED) expect(answerOf(task)).toBe(answer);
    else expect(task.status?.state).toBe(TaskState.TASK_STATE_FAILED);
    await simulator.setScript({ rules: [{ respond: { answer } }] });
  });
});

describe('the Python SDK of A2A beside a real server', { timeout: 600_000 }, () => {
  it('finds the agent by its card, and is answered whole and in pieces', async () => {
    const [whole, streamed] = await askByPython(agent.url, stop.signal);
    expect(whole).toEqual({ name: 'support', streaming: false, kinds: ['task'], answer });
    expect(streamed).toMatchObject({ streaming: true, answer });
    expect([streamed?.kinds[0], streamed?.kinds.at(-1)]).toEqual(['task', 'status_update']);
  });
});

describe('the SDK of MCP beside a real server', { timeout: 240_000 }, () => {
  const ask = async (): Promise<{ readonly isError: boolean; readonly text: string }> => {
    const client = new McpClient({ name: 'proof', version: '1' }, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
    await client.connect(new StreamableHTTPClientTransport(new URL(`${agent.url}/v1/mcp`)));
    const { content, isError } = await client.callTool({ name: 'support', arguments: { text: 'Where is my order?' } });
    await client.close();
    return { isError: isError === true, text: content.map((part) => (part.type === 'text' ? part.text : '')).join('') };
  };

  it('calls the agent as a tool', async () => {
    await expect.poll(ask, { timeout: 90_000, interval: 500 }).toEqual({ isError: false, text: answer });
  });

  it('is told by a result, for its model to read, that the provider is down', async () => {
    await simulator.setScript({ rules: [{ respond: { status: 503 } }] });
    expect(await ask()).toEqual({ isError: true, text: expect.stringContaining('The model provider failed') });
  });
});
