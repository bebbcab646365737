/** A suite that cannot be run. The message names the place, what is wrong and what to do about it; it never quotes a case's texts. */
export class SuiteError extends Error {
  override readonly name = 'SuiteError';
  /** The file and line, or the field. */
  readonly place: string;

  constructor(place: string, problem: string, options?: ErrorOptions) {
    super(`${place}: ${problem}`, options);
    this.place = place;
  }
}
