/** What one OpenID Connect user has. */
export interface StoredTokens {
  readonly idToken: string | undefined;
  readonly refreshToken: string | undefined;
}

/** Where the tokens of an OpenID Connect user are kept between processes. Errors never hold a token. Each call has 15 s. */
export interface TokenStore {
  /** As they are now: another program may have refreshed them. */
  read(call: { readonly signal: AbortSignal }): Promise<StoredTokens>;
  /** Puts `next` in place of the tokens with the refresh token `spent`, undefined changing nothing; others that came in the meantime stay. */
  replace(spent: string, next: StoredTokens, call: { readonly signal: AbortSignal }): Promise<void>;
}

/**
 * Where refreshed tokens go. 'kubeconfig': into the file that the user was read from, as kubectl does. 'memory': nowhere; a provider that lets a
 * refresh token be used once then asks everyone else who uses the file to log in again.
 */
export type PersistTokens = 'kubeconfig' | 'memory' | TokenStore;
