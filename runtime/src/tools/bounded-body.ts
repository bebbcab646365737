export interface BoundedText {
  readonly text: string;
  readonly cut: 'whole' | 'truncated';
}

/** Reads at most `limit` bytes of a body as UTF-8; a character cut in two is left out. */
export async function readBounded(body: AsyncIterable<Uint8Array>, limit: number): Promise<BoundedText> {
  const decoder = new TextDecoder('utf-8');
  let text = '';
  let left = limit;
  for await (const chunk of body) {
    if (chunk.byteLength > left) {
      text += decoder.decode(chunk.subarray(0, left), { stream: true });
      // Leaving the loop closes the body, and with it the connection: the rest is never read.
      return { text, cut: 'truncated' };
    }
    text += decoder.decode(chunk, { stream: true });
    left -= chunk.byteLength;
  }
  return { text: text + decoder.decode(), cut: 'whole' };
}
