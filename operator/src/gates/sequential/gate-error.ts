/** A gate policy that cannot be judged by: the message names the field, the value and the fix. */
export class GatePolicyError extends Error {
  constructor(message: string, options?: { cause: unknown }) {
    super(message, options);
    this.name = 'GatePolicyError';
  }
}
