import type { BundleCredential } from '@sluice/crds';
import { withDeadline } from '@sluice/evals/deadline';
import { z } from 'zod';
import type { SecretFile } from '../../config/secret-file.ts';
import type { HttpTransport } from '../../egress/transport.ts';
import type { Clock } from '../../platform/clock.ts';
import { readBounded } from '../bounded-body.ts';
import { CredentialError, withoutSecrets, type Credential } from './credential.ts';

export interface ClientCredentialsOptions {
  readonly oauth: NonNullable<BundleCredential['oauth']>;
  readonly secret: SecretFile;
  readonly transport: HttpTransport;
  readonly clock: Clock;
}

interface Token {
  readonly value: string;
  /** By the clock of the process; from then on another one is asked for. */
  readonly until: number;
}

const answerMilliseconds = 10_000;
const answerBytes = 65_536;
/** Of tokens whose server does not say how long they live. */
const unknownLifeSeconds = 300;
/** A token is given up this much before its end, and at half of its life if that is short. */
const marginSeconds = 30;
const rememberedTokens = 8;

const tokenAnswer = z.object({ access_token: z.string().regex(/^[\x21-\x7e]{1,16384}$/), expires_in: z.coerce.number().positive().optional() });

/** RFC 6749, 2.3.1: form-encoded before they are joined. */
function basic(id: string, secret: string): string {
  const encoded = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1);
  return `Basic ${Buffer.from(`${encoded(id)}:${encoded(secret)}`).toString('base64')}`;
}

function parseToken(text: string, now: number): Token {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    answer = undefined;
  }
  const parsed = tokenAnswer.safeParse(answer);
  if (!parsed.success) throw new CredentialError('the token server answered without a usable access_token');
  const seconds = parsed.data.expires_in ?? unknownLifeSeconds;
  return { value: parsed.data.access_token, until: now + Math.max(seconds - marginSeconds, seconds / 2) * 1_000 };
}

async function askForToken({ oauth, secret, transport, clock }: ClientCredentialsOptions, signal: AbortSignal): Promise<Token> {
  const { url, allowedHosts, allowedNetworks, clientId, scope } = oauth;
  const target = new URL(url);
  const body = new URLSearchParams({ grant_type: 'client_credentials', ...(scope === undefined ? {} : { scope }) }).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json', 'accept-encoding': 'identity', authorization: basic(clientId, secret.current()) };
  const asked = clock.now();
  const response = await transport.send({ url: target, method: 'POST', headers, body, egress: { allowedHosts, allowedNetworks, ownPort: target.port } }, signal);
  if (response.status !== 200) {
    await response.discard();
    throw new CredentialError(`the token server answered with HTTP ${response.status}`);
  }
  return parseToken((await readBounded(response.body, answerBytes)).text, asked);
}

/** Access tokens of OAuth 2.0 by client credentials (RFC 6749, 4.4): one at a time for all calls, and a new one before it ends or when it is refused. */
export function createClientCredentials(options: ClientCredentialsOptions): Credential {
  const { clock, secret } = options;
  let current: Token | undefined;
  let asking: Promise<Token> | undefined;
  let tokens: readonly string[] = [];
  const ask = async (): Promise<Token> => {
    // Shared by all who wait for it, so no caller's signal may end it.
    const never = new AbortController().signal;
    const expired = (): Error => new CredentialError('the token server did not answer in time');
    current = await withDeadline(clock, { milliseconds: answerMilliseconds, signal: never, expired }, (signal) => askForToken(options, signal));
    tokens = [current.value, ...tokens].slice(0, rememberedTokens);
    return current;
  };
  const token = async (): Promise<Token> => {
    if (current !== undefined && clock.now() < current.until) return current;
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    return await asking;
  };
  const secrets = (): readonly string[] => [...tokens, ...secret.seen()];
  return {
    headers: async (signal) => {
      signal.throwIfAborted();
      return { authorization: `Bearer ${(await token()).value}` };
    },
    refused: () => {
      current = undefined;
      secret.look();
    },
    redacted: (text) => withoutSecrets(text, secrets()),
    secrets,
  };
}
