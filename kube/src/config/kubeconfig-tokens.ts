import { readFile } from 'node:fs/promises';
import { type Document, isMap, isSeq, parseDocument } from 'yaml';
import type { Clock } from '../clock.ts';
import { configError } from './config-error.ts';
import { withFileLock } from './file-lock.ts';
import { textOf } from './kubeconfig-file.ts';
import { replaceFile } from './replace-file.ts';
import type { StoredTokens, TokenStore } from './token-store.ts';
import { type Path, withText } from './yaml-edit.ts';

/** The tokens of `users[].user.auth-provider.config` in a kubeconfig. Everything else in the file stays as it is, comments included. */
export class KubeConfigTokens implements TokenStore {
  readonly #path: string;
  readonly #user: string;
  readonly #clock: Clock;

  constructor(path: string, user: string, clock: Clock) {
    this.#path = path;
    this.#user = user;
    this.#clock = clock;
  }

  async read({ signal }: { readonly signal: AbortSignal }): Promise<StoredTokens> {
    const document = this.#parse(await this.#text({ signal }));
    return tokensAt(document, this.#place(document));
  }

  replace(spent: string, next: StoredTokens, call: { readonly signal: AbortSignal }): Promise<void> {
    return withFileLock(this.#path, { clock: this.#clock, ...call }, async () => {
      const text = await this.#text(call);
      const document = this.#parse(text);
      const place = this.#place(document);
      // Another login, or another program's refresh, is as good as ours and newer.
      if (tokensAt(document, place).refreshToken !== spent) return;
      const edited = withText(text, [...place, 'refresh-token'], next.refreshToken);
      await this.#write(withText(edited, [...place, 'id-token'], next.idToken));
    });
  }

  async #write(text: string): Promise<void> {
    try {
      await replaceFile(this.#path, text);
    } catch (error) {
      throw configError(`kubeconfig '${this.#path}' cannot be written`, error);
    }
  }

  async #text({ signal }: { readonly signal: AbortSignal }): Promise<string> {
    try {
      return await readFile(this.#path, { encoding: 'utf8', signal });
    } catch (error) {
      throw configError(`cannot read kubeconfig '${this.#path}'`, error);
    }
  }

  #parse(text: string): Document {
    const document = parseDocument(text);
    // Not the parser's message: it quotes the file.
    if (document.errors.length > 0) throw configError(`kubeconfig '${this.#path}' is not YAML any more`);
    return document;
  }

  #place(document: Document): Path {
    const users = document.get('users');
    const index = isSeq(users) ? users.items.findIndex((item) => isMap(item) && item.get('name') === this.#user) : -1;
    const place = ['users', index, 'user', 'auth-provider', 'config'];
    if (index < 0 || !isMap(document.getIn(place))) throw configError(`kubeconfig '${this.#path}' has no users['${this.#user}'].user.auth-provider.config of its own any more`);
    return place;
  }
}

function tokensAt(document: Document, place: Path): StoredTokens {
  return { idToken: textOf(document.getIn([...place, 'id-token'])), refreshToken: textOf(document.getIn([...place, 'refresh-token'])) };
}
