/** How a fake API server answers what it does not do; `code` and `reason` as the real one's. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: number;
  readonly reason: string;
  /** Members of the Status besides, such as `details`. */
  readonly extra: object;

  constructor(code: number, reason: string, message: string, extra: object = {}) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.extra = extra;
  }
}
