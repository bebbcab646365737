/** A part of a document that a search found. */
export interface Passage {
  /** What an answer cites it by, without the brackets, for example "faq/returns#2". */
  readonly mark: string;
  readonly source: string;
  /** The id of the document. */
  readonly document: string;
  readonly title: string | undefined;
  readonly url: string | undefined;
}
