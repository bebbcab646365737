import type { OpenAI } from 'openai';

type BuildRequest = OpenAI['buildRequest'];
type RequestOptions = Parameters<BuildRequest>[0];

export interface KeptRequestOptions {
  /** Of the requests that are all alike but for their bodies. */
  readonly path: string;
  /** What the headers are made of besides: they are made anew when it changes. */
  readonly key: () => string;
}

/** Whether nothing but the body tells the request from others of its path. */
function isAlike({ body, headers, method, query, signal }: RequestOptions): boolean {
  return method === 'post' && typeof body === 'object' && body !== null && headers === undefined && query === undefined && signal === undefined;
}

/**
 * What the SDK makes of a request, made once: its address and headers are the same for all questions, and take two thirds of the time that the SDK needs for one.
 * Other requests, and further tries, are made by `build`.
 */
export function keepRequest(build: BuildRequest, { path, key }: KeptRequestOptions): BuildRequest {
  let kept: { readonly key: string; readonly made: Awaited<ReturnType<BuildRequest>> } | undefined;
  return async (options, tries = {}) => {
    if (options.path !== path || (tries.retryCount ?? 0) > 0 || !isAlike(options)) return await build(options, tries);
    const current = key();
    // Without the body: it is a user's, and would be kept.
    if (kept?.key !== current) kept = { key: current, made: await build({ ...options, body: {}, fetchOptions: {} }, tries) };
    const { req, ...made } = kept.made;
    const own: object = options.fetchOptions ?? {};
    return { ...made, req: { ...req, ...own, body: JSON.stringify(options.body) } };
  };
}
