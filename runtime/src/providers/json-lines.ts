import { ModelError } from './model-error.ts';

/** Longest line that is put together, in characters: a server that never ends its line must not fill the memory. */
const longestLine = 4_194_304;

function parsed(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch (cause) {
    throw new ModelError('invalid_reply', { cause });
  }
}

/** The JSON values of a body with one value a line. Throws ModelError `invalid_reply` for what is none. */
export async function* jsonLines(response: Response): AsyncGenerator {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of response.body ?? []) {
    const lines = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > longestLine) throw new ModelError('invalid_reply');
    for (const line of lines) if (line.trim() !== '') yield parsed(line);
  }
  if (rest.trim() !== '') yield parsed(rest);
}
