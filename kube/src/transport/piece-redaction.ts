import { formsOf, goJsonEscaped, jsonEscaped, MARK, Redactor, SHORTEST_SECRET } from './redaction.ts';

/** Whoever quotes a whole object often cuts it short: so much of a secret in a row is taken out even where the rest of it is not. */
const PIECE_CHARS = 8;
const BUCKETS = 1 << 16;

/** Takes pieces of secrets out as well, for what is quoted in parts; shorter secrets go as a whole. */
export class PieceRedactor extends Redactor {
  readonly #forms: readonly string[];

  /** `encoded` is taken out as it stands, secrets in all forms in which a text is commonly written. */
  constructor(secrets: readonly string[], encoded: readonly string[]) {
    super(() => []);
    const forms = [...secrets.flatMap((secret) => [...formsOf(secret), ...nestedFormsOf(secret)]), ...encoded];
    this.#forms = [...new Set(forms)].filter((form) => form.length >= SHORTEST_SECRET);
  }

  override text(text: string): string {
    const hidden = new Uint8Array(text.length);
    const pieces = new PieceIndex(text);
    for (const form of this.#forms) {
      if (form.length < PIECE_CHARS) hideAll(text, form, hidden);
      else pieces.hideThoseOf(form, hidden);
    }
    return marked(text, hidden);
  }
}

/** JSON within JSON: a body that is quoted in a text, which a proxy's page quotes again. */
function nestedFormsOf(secret: string): string[] {
  const twice = [jsonEscaped(jsonEscaped(secret)), goJsonEscaped(goJsonEscaped(secret))];
  return [...twice, ...twice.map(jsonEscaped)];
}

/** Where each piece of one text is. The text is indexed, not the secrets: a Secret may hold a megabyte, a message does not. */
class PieceIndex {
  readonly #places = new Map<string, number[]>();
  /** Says quickly of nearly all other pieces that they are not there. */
  readonly #buckets = new Uint8Array(BUCKETS);

  constructor(text: string) {
    for (let at = 0; at + PIECE_CHARS <= text.length; at++) {
      const piece = text.slice(at, at + PIECE_CHARS);
      this.#buckets[bucketAt(text, at)] = 1;
      this.#places.set(piece, [...(this.#places.get(piece) ?? []), at]);
    }
  }

  hideThoseOf(form: string, hidden: Uint8Array): void {
    for (let at = 0; at + PIECE_CHARS <= form.length; at++) {
      if (this.#buckets[bucketAt(form, at)] === 0) continue;
      const places = this.#places.get(form.slice(at, at + PIECE_CHARS)) ?? [];
      for (const place of places) hidden.fill(1, place, place + PIECE_CHARS);
    }
  }
}

function bucketAt(text: string, at: number): number {
  return (text.charCodeAt(at) * 31 + text.charCodeAt(at + 2) * 961 + text.charCodeAt(at + 4) * 29_791 + text.charCodeAt(at + PIECE_CHARS - 1)) & (BUCKETS - 1);
}

function hideAll(text: string, form: string, hidden: Uint8Array): void {
  for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1)) hidden.fill(1, at, at + form.length);
}

function marked(text: string, hidden: Uint8Array): string {
  let result = '';
  for (let at = 0; at < text.length; at++) {
    if (hidden[at] === 0) result += text.charAt(at);
    else if (at === 0 || hidden[at - 1] === 0) result += MARK;
  }
  return result;
}
