import type { CallToolResult } from '@modelcontextprotocol/client';
import { failed } from '../tool-result.ts';
import { lasting, type Attempt } from '../tool-runner.ts';

type Block = CallToolResult['content'][number];

function textOf(block: Block): string {
  if (block.type === 'text') return block.text;
  if (block.type === 'resource' && 'text' in block.resource) return block.resource.text;
  if (block.type === 'resource_link') return `${block.name}: ${block.uri}`;
  return `[${block.type} left out: only text is read]`;
}

/** Structured content is what the server means; the text beside it says the same for people. */
function contentOf({ content, structuredContent }: CallToolResult): string {
  return structuredContent === undefined ? content.map(textOf).join('\n') : JSON.stringify(structuredContent);
}

/** What a model is told of a failed tool at most, in characters. */
const detailCharacters = 2_000;

export function attemptOf(result: CallToolResult, redacted: (text: string) => string = (text) => text): Attempt {
  const content = redacted(contentOf(result));
  if (result.isError !== true) return { kind: 'ok', content, cut: 'whole' };
  return { kind: 'failed', result: { ...failed('error', 'the tool reported an error'), details: content.slice(0, detailCharacters) }, outlook: lasting };
}
