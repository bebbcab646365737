/** Something that ./hack/up or ./hack/down cannot go on after; the message says what to do. */
export class UpError extends Error {
  override readonly name = 'UpError';
}
