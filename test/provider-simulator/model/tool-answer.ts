import type { ToolCall, ToolResult, Turn } from './conversation.ts';

/** What the model says once it has the results of the calls it made. */
export function answerFromResults(results: readonly ToolResult[], turns: readonly Turn[]): string {
  const calls = new Map(turns.flatMap(({ toolCalls }) => toolCalls).map((call) => [call.id, call]));
  return results.map((result) => sentence(result, calls.get(result.callId))).join(' ');
}

function sentence(result: ToolResult, call: ToolCall | undefined): string {
  const subject = call === undefined ? 'that' : subjectOf(call);
  if (failed(result)) return `I am sorry, I could not look up ${subject}.`;
  return `Here is what I found for ${subject}: ${readable(result.content)}.`;
}

function subjectOf(call: ToolCall): string {
  const values = Object.values(call.arguments).map(String).join(', ');
  return values === '' ? call.name : values;
}

/** OpenAI tool messages carry no error flag, so a result that says it is an error is one. */
function failed({ outcome, content }: ToolResult): boolean {
  if (outcome === 'error') return true;
  const parsed = parseObject(content);
  return parsed === undefined ? /^\s*(tool )?(error|failed|timeout)\b/iu.test(content) : truthy(parsed['error']) || parsed['is_error'] === true;
}

function readable(content: string): string {
  const parsed = parseObject(content);
  if (parsed === undefined) return content.trim().replace(/\.$/u, '');
  return Object.entries(parsed)
    .map(([key, value]) => `${key.replaceAll('_', ' ')} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
}

function truthy(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && value !== '';
}

function parseObject(content: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(content);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? (parsed as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
