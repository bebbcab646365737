/** An OpenAPI document, or the operation that a tool names, cannot be used. */
export class OpenapiError extends Error {
  override readonly name = 'OpenapiError';
}
