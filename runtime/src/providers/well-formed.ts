import type { ModelMessage, ModelRequest } from './model-client.ts';

function wellFormedMessage(message: ModelMessage): ModelMessage {
  switch (message.role) {
    case 'user':
      return { ...message, text: message.text.toWellFormed() };
    case 'assistant':
      return { ...message, text: message.text.toWellFormed(), toolCalls: message.toolCalls.map((call) => ({ ...call, argumentsJson: call.argumentsJson.toWellFormed() })) };
    case 'tools':
      return { ...message, results: message.results.map((result) => ({ ...result, content: result.content.toWellFormed() })) };
  }
}

/** Without halves of characters: clients and servers cut texts through them, and providers refuse the JSON of one, and with it the whole request. */
export function wellFormed(request: ModelRequest): ModelRequest {
  return { ...request, system: request.system.toWellFormed(), messages: request.messages.map(wellFormedMessage) };
}
