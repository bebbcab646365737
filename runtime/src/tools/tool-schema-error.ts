/** The parameters of a tool are no usable JSON schema. */
export class ToolSchemaError extends Error {
  override readonly name = 'ToolSchemaError';
}
