import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { withDeadline, type Deadline } from '@sluice/evals/deadline';
import { type Agent, fetch as undiciFetch, type RequestInit } from 'undici';
import { z } from 'zod';
import type { Clock } from '../../platform/clock.ts';
import { remember } from '../../platform/remember.ts';
import type { WallClock } from '../../platform/wall-clock.ts';

/** `refused`: the cluster says that the token is not in force, as its pod or its account is gone. */
export type Review = 'in-force' | 'refused';

/** Asks the cluster whether a token is in force still. Throws when it does not say. */
export type ReviewToken = (token: string) => Promise<Review>;

export interface TokenReviewOptions {
  readonly reviewUri: string;
  readonly audience: string;
  /** The token that the API server asks for; it is read each time, as it rotates. */
  readonly tokenFile: string | undefined;
  readonly dispatcher: Agent | undefined;
  readonly clock: WallClock;
  /** For waiting for an answer. */
  readonly timer: Clock;
}

/** An answer holds for this long: what the cluster has taken back is refused from then on. */
export const reviewHoldsMilliseconds = 60_000;
/** While the API server does not answer, the last answer holds until it is this old. */
export const longestReviewMilliseconds = 120_000;
const timeoutMilliseconds = 5_000;
const maximumReviews = 10_000;

const answer = z.object({ status: z.object({ authenticated: z.boolean().optional(), audiences: z.array(z.string()).optional() }) });

interface Kept {
  readonly at: number;
  readonly review: Review;
}

async function ask({ reviewUri, audience, tokenFile, dispatcher }: TokenReviewOptions, token: string, signal: AbortSignal): Promise<Review> {
  const authorization = tokenFile === undefined ? {} : { authorization: `Bearer ${readFileSync(tokenFile, 'utf8').trim()}` };
  const body = JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token, audiences: [audience] } });
  const init: RequestInit = { method: 'POST', headers: { accept: 'application/json', 'content-type': 'application/json', ...authorization }, body, redirect: 'error', signal, ...(dispatcher === undefined ? {} : { dispatcher }) };
  const response = await undiciFetch(reviewUri, init);
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`the API server answered ${response.status} to a TokenReview${response.status === 403 ? ': bind the ClusterRole system:auth-delegator to the ServiceAccount of the agent' : ''}`);
  }
  const { status } = answer.parse(await response.json());
  return status.authenticated === true && status.audiences?.includes(audience) === true ? 'in-force' : 'refused';
}

function deadline(): Deadline {
  return { milliseconds: timeoutMilliseconds, signal: new AbortController().signal, expired: () => new Error(`the API server did not answer a TokenReview within ${timeoutMilliseconds} ms`) };
}

/** Asks once for tries of one token at a time, and keeps what was said by the digests of tokens. */
export function createTokenReviews(options: TokenReviewOptions): ReviewToken {
  const { clock, timer } = options;
  const kept = new Map<string, Kept>();
  const asked = new Map<string, Promise<Review>>();
  const keep = (name: string, review: Review): Review => {
    remember(kept, name, { at: clock.now(), review }, maximumReviews);
    return review;
  };
  const askOnce = (name: string, token: string): Promise<Review> => {
    const under = asked.get(name);
    if (under !== undefined) return under;
    const asking = withDeadline(timer, deadline(), (signal) => ask(options, token, signal))
      .then((review) => keep(name, review))
      .finally(() => asked.delete(name));
    asked.set(name, asking);
    return asking;
  };
  return async (token) => {
    const name = createHash('sha256').update(token).digest('base64url');
    const known = kept.get(name);
    const age = known === undefined ? Number.POSITIVE_INFINITY : clock.now() - known.at;
    if (known !== undefined && age < reviewHoldsMilliseconds) return known.review;
    try {
      return await askOnce(name, token);
    } catch (error) {
      if (known !== undefined && age < longestReviewMilliseconds) return known.review;
      throw error;
    }
  };
}
