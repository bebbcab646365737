import type { ServerResponse } from 'node:http';
import { sendJson, type Respond } from './loopback-server.ts';

export interface WireTurn {
  readonly text?: string;
  readonly tool?: { readonly name: string; readonly input: unknown };
}

/** How one provider writes replies; the tests run the same cases over both. */
export interface WireFormat {
  readonly kind: 'Anthropic' | 'OpenAI';
  readonly whole: (turn: WireTurn) => Respond;
  readonly streamed: (turn: WireTurn) => Respond;
  /** Begins a stream with some text and cuts the connection. */
  readonly cut: (text: string) => Respond;
  /** Begins a stream with some text and says no more. */
  readonly stalled: (text: string) => Respond;
  readonly failure: (status: number, headers?: Readonly<Record<string, string>>) => Respond;
}

function beginEvents(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
}

function halves(text: string): readonly [string, string] {
  const middle = Math.floor(text.length / 2);
  return [text.slice(0, middle), text.slice(middle)];
}

const anthropicUsage = { input_tokens: 11, output_tokens: 5 };
const quotingFailure = { message: 'bad key sk-secret-123 in prompt "You help customers"' };

function anthropicEvent(type: string, rest: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`;
}

function anthropicStart(text: string): string {
  const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'model-1', content: [], stop_reason: null, stop_sequence: null, usage: anthropicUsage };
  const [first] = halves(text);
  return [
    anthropicEvent('message_start', { message }),
    anthropicEvent('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
    anthropicEvent('ping', {}),
    anthropicEvent('content_block_delta', { index: 0, delta: { type: 'text_delta', text: first } }),
  ].join('');
}

function anthropicTool(tool: NonNullable<WireTurn['tool']>): string {
  const [first, second] = halves(JSON.stringify(tool.input));
  return [
    anthropicEvent('content_block_start', { index: 1, content_block: { type: 'tool_use', id: 'toolu_1', name: tool.name, input: {} } }),
    anthropicEvent('content_block_delta', { index: 1, delta: { type: 'input_json_delta', partial_json: first } }),
    anthropicEvent('content_block_delta', { index: 1, delta: { type: 'input_json_delta', partial_json: second } }),
    anthropicEvent('content_block_stop', { index: 1 }),
  ].join('');
}

export const anthropicWire: WireFormat = {
  kind: 'Anthropic',
  whole: ({ text, tool }) => (_exchange, response) =>
    sendJson(response, 200, {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'model-1',
      content: [...(text === undefined ? [] : [{ type: 'text', text }]), ...(tool === undefined ? [] : [{ type: 'tool_use', id: 'toolu_1', ...tool }])],
      stop_reason: tool === undefined ? 'end_turn' : 'tool_use',
      stop_sequence: null,
      usage: anthropicUsage,
    }),
  streamed: ({ text = '', tool }) => (_exchange, response) => {
    beginEvents(response);
    response.write(anthropicStart(text));
    response.write(anthropicEvent('content_block_delta', { index: 0, delta: { type: 'text_delta', text: halves(text)[1] } }));
    response.write(anthropicEvent('content_block_stop', { index: 0 }));
    if (tool !== undefined) response.write(anthropicTool(tool));
    response.write(anthropicEvent('message_delta', { delta: { stop_reason: tool === undefined ? 'end_turn' : 'tool_use', stop_sequence: null }, usage: { output_tokens: 5 } }));
    response.end(anthropicEvent('message_stop', {}));
  },
  cut: (text) => (_exchange, response) => {
    beginEvents(response);
    response.write(anthropicStart(text), () => response.destroy());
  },
  stalled: (text) => (_exchange, response) => {
    beginEvents(response);
    response.write(anthropicStart(text));
  },
  failure: (status, headers) => (_exchange, response) => sendJson(response, status, { type: 'error', error: { type: 'api_error', ...quotingFailure } }, { 'request-id': 'req_abc', ...headers }),
};

const openAiUsage = { prompt_tokens: 11, completion_tokens: 5, total_tokens: 16 };

function openAiChunk(rest: object): string {
  return `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'model-1', ...rest })}\n\n`;
}

function openAiDelta(delta: object, finish: string | null = null): string {
  return openAiChunk({ choices: [{ index: 0, delta, finish_reason: finish }] });
}

function openAiTool(tool: NonNullable<WireTurn['tool']>): string {
  const [first, second] = halves(JSON.stringify(tool.input));
  return [
    openAiDelta({ tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: tool.name, arguments: first } }] }),
    openAiDelta({ tool_calls: [{ index: 0, function: { arguments: second } }] }),
  ].join('');
}

export const openAiWire: WireFormat = {
  kind: 'OpenAI',
  whole: ({ text, tool }) => (_exchange, response) => {
    const calls = tool === undefined ? {} : { tool_calls: [{ id: 'call_1', type: 'function', function: { name: tool.name, arguments: JSON.stringify(tool.input) } }] };
    const message = { role: 'assistant', content: text ?? null, refusal: null, ...calls };
    sendJson(response, 200, { id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: 'model-1', choices: [{ index: 0, message, finish_reason: tool === undefined ? 'stop' : 'tool_calls' }], usage: openAiUsage });
  },
  streamed: ({ text = '', tool }) => (_exchange, response) => {
    beginEvents(response);
    for (const part of halves(text)) response.write(openAiDelta({ content: part }));
    if (tool !== undefined) response.write(openAiTool(tool));
    response.write(openAiDelta({}, tool === undefined ? 'stop' : 'tool_calls'));
    response.write(openAiChunk({ choices: [], usage: openAiUsage }));
    response.end('data: [DONE]\n\n');
  },
  cut: (text) => (_exchange, response) => {
    beginEvents(response);
    response.write(openAiDelta({ content: text }), () => response.destroy());
  },
  stalled: (text) => (_exchange, response) => {
    beginEvents(response);
    response.write(openAiDelta({ content: text }));
  },
  failure: (status, headers) => (_exchange, response) => sendJson(response, status, { error: { type: 'server_error', ...quotingFailure } }, { 'x-request-id': 'req_abc', ...headers }),
};
