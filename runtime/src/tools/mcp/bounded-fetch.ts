/** A response of a server is larger than one may be. */
class ResponseTooLarge extends Error {
  override readonly name = 'ResponseTooLarge';
  readonly code = 'RESPONSE_TOO_LARGE';
}

export function isTooLarge(error: unknown): boolean {
  return error instanceof ResponseTooLarge;
}

function boundedBody(body: ReadableStream<Uint8Array>, limit: number): ReadableStream<Uint8Array> {
  let left = limit;
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => {
        left -= chunk.byteLength;
        if (left < 0) controller.error(new ResponseTooLarge(`more than ${limit} bytes`));
        else controller.enqueue(chunk);
      },
    }),
  );
}

/**
 * `send` with at most `limit` bytes of each response. Streams that a server may push to are not opened: nothing it says by itself is of use
 * to a tool, and 405 is how a server without them answers. A stream that is taken up again holds the answer to a call, and is.
 */
export function boundedFetch(send: typeof fetch, limit: number): typeof fetch {
  return async (input, init) => {
    if ((init?.method ?? 'GET') === 'GET' && !new Headers(init?.headers).has('last-event-id')) return new Response(null, { status: 405 });
    const response = await send(input, init);
    if (response.body === null) return response;
    const { status, statusText, headers } = response;
    return new Response(boundedBody(response.body, limit), { status, statusText, headers: new Headers([...headers.entries()]) });
  };
}
