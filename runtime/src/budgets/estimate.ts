import type { ModelMessage, ModelRequest } from '../providers/model-client.ts';

/**
 * Tokens for a character that is a Latin letter or a blank: words of five letters are a token or two. What else there is, digits, signs
 * and other scripts, is taken at a token for each byte of UTF-8, the most that tokenizers of bytes make of it.
 */
const tokensPerLetter = 0.5;
/** For the role of a message, its separators and a name. */
const tokensPerMessage = 8;

function letters(text: string): number {
  return text.replaceAll(/[^A-Za-z \n]/g, '').length;
}

export function tokensOfText(text: string): number {
  const plain = letters(text);
  return Math.ceil(plain * tokensPerLetter) + Buffer.byteLength(text, 'utf8') - plain;
}

function tokensOfMessage(message: ModelMessage): number {
  switch (message.role) {
    case 'user':
      return tokensOfText(message.text);
    case 'assistant':
      return tokensOfText(message.text) + message.toolCalls.reduce((sum, { name, argumentsJson }) => sum + tokensPerMessage + tokensOfText(name) + tokensOfText(argumentsJson), 0);
    case 'tools':
      return message.results.reduce((sum, { content }) => sum + tokensPerMessage + tokensOfText(content), 0);
  }
}

/** More than a model reads of the request. */
export function inputTokensOf({ system, messages, tools, format }: ModelRequest): number {
  const offered = tools.length === 0 ? 0 : tokensOfText(JSON.stringify(tools));
  const asked = format === undefined ? 0 : tokensOfText(JSON.stringify(format));
  return messages.reduce((sum, message) => sum + tokensPerMessage + tokensOfMessage(message), tokensPerMessage + tokensOfText(system) + offered + asked);
}
