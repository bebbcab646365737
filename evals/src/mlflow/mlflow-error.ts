/** A run could not be told to a tracking server. The message never holds a credential, nor what the server answered. */
export class MlflowError extends Error {
  override readonly name = 'MlflowError';
}
