/** An image that could not be built, checked or loaded; the message says what to do. */
export class ImageError extends Error {
  override readonly name = 'ImageError';
}
